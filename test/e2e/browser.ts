import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../tools/servers/index.js';

/** A browser with separate profiles, each with its own cookies, settings and saved views. */
export interface TestBrowser {
  /** Opens a window in a new profile. */
  newProfile(): Promise<Page>;
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Chromium's sandbox does not run as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

const TIMEOUT_MS = 60_000;

const PROFILE = {
  viewport: { width: 1280, height: 800 },
  locale: 'en-US',
  timezoneId: 'UTC',
  colorScheme: 'light',
  // Animations would make each screenshot different.
  reducedMotion: 'reduce',
} as const;

/** Blocks all requests to other hosts. */
const blockOtherHosts = async (context: BrowserContext): Promise<void> => {
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
};

export const openBrowser = async (): Promise<TestBrowser> => {
  const executablePath = await findChromium(() => undefined);
  const browser: Browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  return {
    newProfile: async () => {
      const context = await browser.newContext(PROFILE);
      await blockOtherHosts(context);
      context.setDefaultTimeout(TIMEOUT_MS);
      return context.newPage();
    },
    close: () => browser.close(),
  };
};

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * Saves a screenshot of a page or an element in `test-results/`; `npm run screenshots` also updates the one in
 * `docs/images/`.
 */
export const screenshot = async (shown: Page | Locator, name: string): Promise<void> => {
  const folders = ['test-results/screenshots', ...(process.env['UPDATE_SCREENSHOTS'] === '1' ? ['docs/images'] : [])];
  for (const each of folders) {
    mkdirSync(folder(each), { recursive: true });
    await shown.screenshot({ path: `${folder(each)}/${name}.png`, animations: 'disabled', caret: 'hide' });
  }
};
