import type { Locator, Page } from 'playwright-core';
import type { OperatedServers } from './operated-servers.js';

/** The Temporal UI in a person's window, used as a person uses it: by what is written on it. */
export interface TemporalUi {
  readonly page: Page;
  /** Signs in at the codec server's own page. Answers with what the page says then. */
  signIn(token: string): Promise<string>;
  /** Tells the UI of the codec server, in the UI's own settings. */
  openCodecSettings(): Promise<void>;
  fillCodecSettings(): Promise<void>;
  applyCodecSettings(): Promise<void>;
  /** Has the list show what the query finds, by typing it into the list's query field. */
  list(query: string): Promise<void>;
  /** The ids of the workflows that the list shows. */
  listed(): Promise<readonly string[]>;
  /** Opens a workflow's history, and waits until its input is shown. */
  openWorkflow(workflowId: string): Promise<Locator>;
  /** Opens the tab with the summary and the current details, and waits until the details tell this. */
  openDetails(telling: string | RegExp): Promise<void>;
  /** Waits until the current details, which the UI shows in a frame, tell this. */
  untilDetailsTell(telling: string | RegExp): Promise<void>;
  /** Opens the dialog that sends a signal or an update, and its list of names with their descriptions. */
  openDialog(action: 'Send a Signal' | 'Send an Update'): Promise<Locator>;
  /** Chooses what to send from the dialog's list, types the input, and sends it. */
  fillDialog(dialog: Locator, name: string, input: string): Promise<void>;
}

/** All text within, also where it is out of sight. */
export const textOf = async (place: Locator): Promise<string> => (await place.textContent()) ?? '';

export const openTemporalUi = (page: Page, { uiUrl, codecServer }: OperatedServers): TemporalUi => {
  const workflows = `${uiUrl}/namespaces/default/workflows`;
  const links = page.locator('table').getByRole('link', { name: /^(onboarding|legal-hold)-/ });
  const untilDetailsTell = (telling: string | RegExp): Promise<void> =>
    page.locator('iframe').last().contentFrame().getByText(telling).first().waitFor();
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
    openDetails: async (telling) => {
      await page.getByRole('tab', { name: 'User Metadata' }).click();
      await untilDetailsTell(telling);
    },
    untilDetailsTell,
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
      // What was typed is set out anew when the field is left, which moves the buttons.
      await dialog.locator('.cm-content').blur();
    },
  };
};
