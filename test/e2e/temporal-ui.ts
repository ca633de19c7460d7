import type { Locator, Page } from 'playwright-core';
import type { OperatedServers } from './operated-servers.js';

/** The Temporal UI in a browser window, operated by its visible texts. */
export interface TemporalUi {
  readonly page: Page;
  /** Signs in on the codec server's page, and returns the message of the page. */
  signIn(token: string): Promise<string>;
  /** Opens the codec server settings of the UI. */
  openCodecSettings(): Promise<void>;
  fillCodecSettings(): Promise<void>;
  applyCodecSettings(): Promise<void>;
  /** Opens the list of workflows with a query, typed into the query field. */
  list(query: string): Promise<void>;
  /** Returns the ids of the listed workflows. */
  listed(): Promise<readonly string[]>;
  /** Opens a workflow's history, waits until its input is shown, and returns the input's element. */
  openWorkflow(workflowId: string): Promise<Locator>;
  /** Opens the tab with the summary and the current details, and waits until the details contain the text. */
  openDetails(text: string | RegExp): Promise<void>;
  /** Waits until the current details, which the UI shows in a frame, contain the text. */
  untilDetailsContain(text: string | RegExp): Promise<void>;
  /** Opens the dialog for a signal or an update. */
  openDialog(action: 'Send a Signal' | 'Send an Update'): Promise<Locator>;
  /** Selects a signal or update in the dialog, and types its input. */
  fillDialog(dialog: Locator, name: string, input: string): Promise<void>;
}

/** Returns the whole text of an element, including hidden parts. */
export const textOf = async (place: Locator): Promise<string> => (await place.textContent()) ?? '';

export const openTemporalUi = (page: Page, { uiUrl, codecServer }: OperatedServers): TemporalUi => {
  const workflows = `${uiUrl}/namespaces/default/workflows`;
  const links = page.locator('table').getByRole('link', { name: /^(onboarding|legal-hold)-/ });
  const untilDetailsContain = (text: string | RegExp): Promise<void> =>
    page.locator('iframe').last().contentFrame().getByText(text).first().waitFor();
  return {
    page,
    signIn: async (token) => {
      await page.goto(`${codecServer.url}/sign-in`);
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const said = page.getByRole('status').filter({ hasNotText: 'Signing in' }).filter({ hasText: /\w/ });
      return textOf(said);
    },
    openCodecSettings: async () => {
      await page.getByTestId(/^data-encoder-status/).click();
      await page.getByText('Include cross-origin credentials').waitFor();
    },
    fillCodecSettings: async () => {
      await page.getByLabel('Codec Server browser endpoint').fill(codecServer.url);
      await page.getByText('Include cross-origin credentials').click();
      await page.getByText('Pre-flight checks').waitFor();
    },
    applyCodecSettings: async () => {
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Include cross-origin credentials').waitFor({ state: 'hidden' });
    },
    listed: () => links.allInnerTexts(),
    list: async (query) => {
      await page.goto(workflows);
      await page.getByTestId('toggle-manual-query').click();
      await page.getByTestId('manual-search-input').fill(query);
      await page.getByTestId('manual-search-button').click();
      await page.waitForURL((url) => url.searchParams.get('query') === query);
    },
    openWorkflow: async (workflowId) => {
      await page.goto(`${workflows}/${workflowId}`);
      const input = page.locator('.cm-content').filter({ visible: true, hasText: '{' }).first();
      await input.waitFor();
      return input;
    },
    openDetails: async (text) => {
      await page.getByRole('tab', { name: 'User Metadata' }).click();
      await untilDetailsContain(text);
    },
    untilDetailsContain,
    openDialog: async (action) => {
      await page.getByRole('button', { name: 'More Actions' }).click();
      await page.getByRole('menuitem', { name: action }).click();
      const dialog = page.getByRole('dialog', { name: action });
      await dialog.waitFor();
      return dialog;
    },
    fillDialog: async (dialog, name, input) => {
      await dialog.getByTestId(/-select-button$/).click();
      await dialog.getByRole('option', { name: new RegExp(`^${name}`) }).click();
      await dialog.locator('.cm-content').click();
      await page.keyboard.insertText(input);
      // The editor reformats the input when it loses the focus, which moves the buttons.
      await dialog.locator('.cm-content').blur();
    },
  };
};
