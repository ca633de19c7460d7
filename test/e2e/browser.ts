import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../tools/servers/index.js';

/** A browser in which every person has a profile of their own: cookies, settings and saved views. */
export interface TestBrowser {
  /** Opens a window of a new profile. */
  newPerson(): Promise<Page>;
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Chromium's sandbox refuses to run as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Longer than the UI takes for anything. */
const WITHIN_MS = 60_000;

const PROFILE = {
  viewport: { width: 1280, height: 800 },
  locale: 'en-US',
  timezoneId: 'UTC',
  colorScheme: 'light',
  // What moves would make each picture another one.
  reducedMotion: 'reduce',
} as const;

/** Nothing but what this machine serves is asked for. */
const keepWithin = async (context: BrowserContext): Promise<void> => {
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
};

export const openBrowser = async (): Promise<TestBrowser> => {
  const executablePath = await findChromium(() => undefined);
  const browser: Browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  return {
    newPerson: async () => {
      const context = await browser.newContext(PROFILE);
      await keepWithin(context);
      context.setDefaultTimeout(WITHIN_MS);
      return context.newPage();
    },
    close: () => browser.close(),
  };
};

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What the page or a part of it shows, kept with the results of the tests; `npm run screenshots` also puts it among the documents. */
export const screenshot = async (shown: Page | Locator, name: string): Promise<void> => {
  const folders = ['test-results/screenshots', ...(process.env['UPDATE_SCREENSHOTS'] === '1' ? ['docs/images'] : [])];
  for (const each of folders) {
    mkdirSync(folder(each), { recursive: true });
    await shown.screenshot({ path: `${folder(each)}/${name}.png`, animations: 'disabled', caret: 'hide' });
  }
};
