import { Client, Connection } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { personGenerator, type Started } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { openBrowser, screenshot } from './browser.js';
import { viewAt } from './documents.js';
import { openOperatedServers } from './operated-servers.js';
import { openTemporalUi, type TemporalUi, textOf } from './temporal-ui.js';

const nextPerson = personGenerator(31);
const first = nextPerson();
const second = nextPerson();
const third = nextPerson();
const toReview = nextPerson('document-review');

const real = opened(() => openOperatedServers());
const browser = opened(openBrowser);
let almostThrough: Started;

const openUi = async (): Promise<TemporalUi> => openTemporalUi(await browser.newProfile(), real);

/** Opens the UI in a new profile that is signed in at the codec server. */
const signedIn = async (role: 'personalData' | 'masked'): Promise<TemporalUi> => {
  const ui = await openUi();
  await ui.signIn(real.codecServer.tokens[role]);
  await ui.page.goto(real.uiUrl);
  await ui.openCodecSettings();
  await ui.fillCodecSettings();
  await ui.applyCodecSettings();
  return ui;
};

const waitFor = (ui: TemporalUi, text: string | RegExp): Promise<void> => ui.page.getByText(text).first().waitFor();

beforeAll(async () => {
  await real.startWorker();
  await real.begin(first, 'customer-1');
  await real.begin(second, 'customer-2', 'email', 'phone');
  almostThrough = await real.begin(third, 'customer-3', 'email', 'phone', 'document');
  await real.begin(toReview, 'customer-4', 'email', 'phone', 'document', 'biometric');
});

describe('an operator in the Temporal UI', () => {
  it('finds onboardings that are stuck on the document, and saves the search as a view', async () => {
    const ui = await openUi();
    const tomorrow = new Date().setUTCHours(24, 0, 0, 0);
    await expect.poll(() => real.temporal.workflow.count("OnboardingStatus = 'inReview'")).toMatchObject({ count: 1 });
    await ui.list(viewAt('Stuck on the document', tomorrow));
    await expect.poll(() => ui.listed()).toEqual(['onboarding-customer-2', 'onboarding-customer-1']);
    await ui.page.getByTestId('create-view-button').click();
    await ui.page.getByRole('dialog').getByLabel('Name').fill('Stuck on the document');
    await ui.page.getByRole('button', { name: 'Save', exact: true }).click();
    await ui.page.getByTestId('stuck-on-the-document').waitFor();
    await ui.page.mouse.wheel(0, -1_000);
    await screenshot(ui.page, 'list-stuck-on-the-document');
    await ui.list("OnboardingStatus = 'inReview'");
    await expect.poll(() => ui.listed()).toEqual(['onboarding-customer-4']);
    await ui.page.getByTestId('stuck-on-the-document').click();
    await expect.poll(() => ui.listed()).toEqual(['onboarding-customer-2', 'onboarding-customer-1']);
  });

  it('sees no personal data without the codec server, neither in payloads nor in the details', async () => {
    const ui = await openUi();
    const input = await ui.openWorkflow('onboarding-customer-2');
    expect(await textOf(input)).toContain('encryption-key-id');
    await screenshot(ui.page, 'workflow-encrypted');
    const shown = await textOf(ui.page.locator('body'));
    for (const value of [second.email, second.phone, second.fullName]) expect(shown).not.toContain(value);
    await ui.openDetails('No Current Details');
  });

  it('sees the input and the current details after signing in at the codec server', async () => {
    const ui = await openUi();
    expect(await ui.signIn(real.codecServer.tokens.personalData)).toContain('Signed in as operator (personal-data)');
    await screenshot(ui.page, 'codec-server-sign-in');
    await ui.openWorkflow('onboarding-customer-2');
    await ui.openCodecSettings();
    await ui.fillCodecSettings();
    await screenshot(ui.page, 'codec-server-settings');
    await ui.applyCodecSettings();
    const input = await ui.openWorkflow('onboarding-customer-2');
    const { email, phone, fullName } = second;
    for (const value of [email, phone, fullName]) await expect.poll(() => textOf(input)).toContain(`"${value}"`);
    await screenshot(ui.page, 'workflow-readable');
    await ui.openDetails('The applicant has to complete: document and biometric.');
    await ui.untilDetailsContain(/^email: 🔎 reported, not yet confirmed since /);
    await ui.page.locator('iframe').first().contentFrame().getByText('Onboarding at Verifik: the checks').waitFor();
    await waitFor(ui, 'Until the next reminder, reconcile or deadline');
    await screenshot(ui.page, 'workflow-current-details');
  });

  it('sees only personal data masked with a token of the masked role', async () => {
    const ui = await signedIn('masked');
    const input = await ui.openWorkflow('onboarding-customer-2');
    await expect.poll(() => textOf(input)).toContain('"customer-2"');
    await screenshot(ui.page, 'workflow-masked');
    const shown = await textOf(ui.page.locator('body'));
    for (const value of [second.email, second.phone, second.fullName]) expect(shown).not.toContain(value);
    await ui.openDetails('The applicant has to complete: document and biometric.');
  });

  it('sees a codec server error without signing in, and cannot send an unencrypted signal', async () => {
    const ui = await openUi();
    expect(await ui.signIn('an-invalid-token')).toBe(
      'This token is not valid or has been revoked. Ask an operator for a new one.',
    );
    const input = await ui.openWorkflow('onboarding-customer-1');
    await ui.openCodecSettings();
    await ui.fillCodecSettings();
    await ui.applyCodecSettings();
    await ui.openWorkflow('onboarding-customer-1');
    await ui.page.getByText('Codec Server could not connect').filter({ visible: true }).waitFor();
    expect(await textOf(input)).toContain('encryption-key-id');
    const dialog = await ui.openDialog('Send a Signal');
    // The names of signals are encrypted too, so the name must be typed.
    await dialog.getByRole('textbox').first().fill('emailValidation');
    await dialog.locator('.cm-content').click();
    await ui.page.keyboard.insertText('{"status": "validated"}');
    await dialog.locator('.cm-content').blur();
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await dialog.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
    expect(await real.client.status('onboarding-customer-1')).toMatchObject({
      checks: { email: { status: 'pending' } },
    });
  });

  it('sends an encrypted signal from the dialog, which describes its input', async () => {
    const ui = await signedIn('personalData');
    const { validationId } = await almostThrough.applicant.pass('biometric');
    await ui.openWorkflow('onboarding-customer-3');
    await ui.openDetails('The applicant has to complete: biometric.');
    const dialog = await ui.openDialog('Send a Signal');
    await dialog.getByTestId('signal-select-button').click();
    await dialog.getByText("Send Verifik's status word and, where known, the validation's id").first().waitFor();
    await screenshot(dialog, 'signal-descriptions');
    await dialog.getByTestId('signal-select-button').click();
    await ui.fillDialog(dialog, 'biometricValidation', `{"status": "validated", "validationId": "${validationId}"}`);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    expect(await real.client.result(almostThrough.workflowId)).toMatchObject({ outcome: 'verified' });
    await ui.page.keyboard.press('r');
    await ui.untilDetailsContain('verified (allChecksPassed)');
    const connection = await Connection.connect({ address: real.address });
    const { events } = await new Client({ connection }).workflow.getHandle(almostThrough.workflowId).fetchHistory();
    await connection.close();
    const sent = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []).at(-1);
    const [payload] = sent?.input?.payloads ?? [];
    expect(sent?.signalName).toBe('biometricValidation');
    expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
  });

  it('decides a review with an update from the dialog', async () => {
    const ui = await signedIn('personalData');
    await ui.openWorkflow('onboarding-customer-4');
    await ui.openDetails('A reviewer has to approve or reject: document.');
    const dialog = await ui.openDialog('Send an Update');
    await dialog.getByTestId('update-select-button').click();
    await dialog.getByText('Approves or rejects what is under review.').waitFor();
    await dialog.getByTestId('update-select-button').click();
    const decision = '{"decision": "approve", "reviewer": "reviewer-7", "check": "document"}';
    await ui.fillDialog(dialog, 'decideReview', decision);
    await screenshot(dialog, 'review-approve');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    expect(await real.client.result('onboarding-customer-4')).toMatchObject({
      outcome: 'verified',
      reason: 'approvedByReviewer',
    });
  });
});
