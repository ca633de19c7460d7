import type { Locator, Page, Route } from 'playwright-core';

/** The playground in a browser window, operated by its visible texts. */
export interface PlaygroundPage {
  readonly page: Page;
  /** The browser's errors and warnings: script errors, violations of the security policy, and failed requests. */
  readonly complaints: readonly string[];
  section(name: string): Locator;
  /** Returns a group of controls by its name. */
  group(name: string): Locator;
  /** Waits until the live checklist shows a check with this status. */
  untilCheck(name: string, word: string | RegExp): Promise<void>;
  untilEvent(text: string | RegExp): Promise<void>;
  /** Holds the page's next request with this method to a URL until the test continues it. */
  hold(method: string, url: string): Promise<Route>;
  /** Presses Tab, or another key, until the element with this role and name has the focus. */
  tabTo(what: string, key?: 'Tab' | 'Shift+Tab'): Promise<void>;
  /** Returns the role, name and state of the focused element. */
  focused(): Promise<string>;
  /** Returns the newest code in the inbox. */
  newestCode(): Promise<string>;
}

const MAX_TABS = 60;

/** Returns the role, name and state of a control, as a screen reader announces them. */
export const accessibleText = async (control: Locator): Promise<string> =>
  ((await control.ariaSnapshot()).split('\n')[0] ?? '').replace(/^- '?/, '');

export const openPlayground = async (page: Page, url: string): Promise<PlaygroundPage> => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} ${message.location().url.replace(url, '')}`);
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(url);
  await page.locator('html[data-ready]').waitFor();
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  const live = section('Live checklist');
  // One locator, because the focus can be lost between two.
  const focus = page.locator(':focus, :root:not(:focus-within)');
  const focused = () => accessibleText(focus);
  return {
    page,
    complaints,
    section,
    group: (name) => page.getByRole('group', { name }),
    untilCheck: (name, word) =>
      live
        .getByRole('list', { name: 'Checks' })
        .getByRole('listitem')
        .filter({ hasText: name })
        .getByText(word, { exact: true })
        .waitFor(),
    untilEvent: (text) => live.getByRole('log', { name: 'Events' }).getByText(text).first().waitFor(),
    hold: (method, held) =>
      new Promise((resolve) => {
        let isHeld = false;
        void page.route(held, async (route) => {
          if (isHeld || route.request().method() !== method) return route.fallback();
          isHeld = true;
          resolve(route);
        });
      }),
    focused,
    tabTo: async (what, key = 'Tab') => {
      const passed: string[] = [];
      while (passed.length < MAX_TABS) {
        await page.keyboard.press(key);
        const now = await focused();
        if (now.includes(what)) return;
        passed.push(now);
      }
      throw new Error(`The key ${key} does not reach ${what}, only:\n${passed.join('\n')}`);
    },
    newestCode: async () =>
      (await page.getByRole('log', { name: 'Messages' }).locator('.code').first().textContent()) ?? '',
  };
};

/**
 * A script for the page that returns the texts with a contrast below 4.5 to 1, except those of disabled controls. It is
 * a string, because the tests are compiled without DOM types.
 */
export const LOW_CONTRAST_TEXTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return 'Canvas';
  };
  const pale = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (text === '' || !element.checkVisibility() || element.closest(':disabled, .unseen, option')) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) pale.push(text.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return pale;
})()`;
