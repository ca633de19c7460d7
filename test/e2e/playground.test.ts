import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REVIEW_REASONS } from '../../domain/check-reasons.js';
import {
  createGatewaySecrets,
  type GatewayProcess,
  type GatewaySecrets,
  startGatewayProcess,
} from '../../tools/processes/gateway-process.js';
import { createApplicant, startSandbox } from '../../tools/sandbox/index.js';
import { freePort } from '../../tools/servers/index.js';
import { IMMEDIATE } from '../support/immediate.js';
import { opened } from '../support/opened.js';
import { openBrowser, screenshot } from './browser.js';
import { accessibleText, LOW_CONTRAST_TEXTS, openPlayground, type PlaygroundPage } from './playground-page.js';
import { openRealServers } from './real-servers.js';

const PREFIX = 'onboarding-shop:';

const real = opened(() => openRealServers({ seed: 61 }));
const browser = opened(openBrowser);
let gateway: GatewayProcess<'playground'>;

const startGateway = async (address: string, secrets: GatewaySecrets<'playground'>): Promise<typeof gateway> =>
  startGatewayProcess({
    temporalAddress: real.address,
    namespace: 'default',
    address,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    secrets,
    contactKey: 'a-key-for-the-tests',
    keysFile: real.keysFile,
    logFile: real.logFile,
  });

/** Only the sandbox's webhooks report checks. */
beforeAll(async () => {
  await real.startWorker();
  gateway = await startGateway(
    `127.0.0.1:${await freePort()}`,
    await createGatewaySecrets({ playground: { tenant: 'shop', scopes: ['start', 'read', 'review'] } }),
  );
  await real.sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
  real.sandbox.connectPlayground({
    gatewayUrl: gateway.url,
    apiKey: gateway.keys.playground,
    workflowIdPrefix: PREFIX,
    temporalUiUrl: real.uiUrl,
    reviewReasons: REVIEW_REASONS,
  });
});

afterAll(() => gateway?.kill());

const openPage = async (): Promise<PlaygroundPage> => openPlayground(await browser.newProfile(), real.sandbox.url);

const begin = async ({ page, section }: PlaygroundPage, reference: string): Promise<void> => {
  await section('Start an onboarding').getByLabel('Reference').fill(reference);
  await page.getByRole('button', { name: 'Start the onboarding' }).click();
  await section('The applicant’s phone').waitFor();
};

/** Requests a code, takes it from the inbox and confirms it. */
const confirm = async ({ page, group }: PlaygroundPage, name: 'Email' | 'Phone', messages: number): Promise<void> => {
  const step = group(name).filter({ has: page.getByRole('button', { name: /^Send me a code/ }) });
  await step.getByRole('button', { name: /^Send me a code/ }).click();
  const codes = page.getByRole('button', { name: /^Use this code/ });
  await expect.poll(() => codes.count()).toBeGreaterThanOrEqual(messages);
  await codes.first().click();
  await step.getByRole('button', { name: /^Confirm/ }).click();
};

const countOnboardings = async ({ page, section }: PlaygroundPage): Promise<void> => {
  await page.getByRole('button', { name: 'Count the onboardings' }).click();
  await section('Funnel')
    .getByText(/^Counted \d+ started onboardings\.$/)
    .waitFor();
};

/** Matches the accessible text of a control with a name. */
const NAMED = /^(link|button|textbox|checkbox|radio|combobox) "[^"]+"|^(group|button|text): \S/;

/** A reported check is passed after a read of Verifik. */
const REPORTED = /^(reported, to be confirmed|passed)$/;

const stateOf = async ({ page }: PlaygroundPage, name: string): Promise<string> =>
  page.getByRole('list', { name: 'Checks' }).getByRole('listitem').filter({ hasText: name }).ariaSnapshot();

describe('a user of the playground', () => {
  it('can verify an applicant after failed attempts and a re-registration with another email', async () => {
    const playground = await openPage();
    const { page, section, group, untilCheck, untilEvent } = playground;
    const reference = page.getByLabel('Reference');
    await reference.fill('customer-4711');
    await screenshot(page, 'playground-start');
    await reference.fill('not an id');
    await page.getByRole('button', { name: 'Start the onboarding' }).click();
    await expect.poll(() => reference.getAttribute('aria-invalid')).toBe('true');
    expect(await playground.focused()).toContain('textbox "Reference');
    await begin(playground, 'customer-4711');

    const email = section('The applicant’s phone').getByRole('group', { name: 'Email' });
    await email.getByRole('button', { name: 'Send me a code by email' }).click();
    await expect.poll(() => playground.newestCode()).toMatch(/^\d{6}$/);
    await email.getByLabel('Code from the email').fill(String((Number(await playground.newestCode()) + 1) % 1_000_000));
    await email.getByRole('button', { name: 'Confirm the email' }).click();
    await page.getByText('That is not the code. (otp_does_not_match)').waitFor();
    expect(await playground.focused()).toContain('textbox "Code from the email"');
    await page.getByRole('button', { name: /^Use this code/ }).click();
    await email.getByRole('button', { name: 'Confirm the email' }).click();
    await untilCheck('Email', REPORTED);

    const document = group('Document');
    await document.getByLabel('Verifik finds that it').selectOption('fails');
    await document.getByRole('button', { name: 'Upload the document' }).click();
    await page.getByText('Verifik does not accept the document.').waitFor();
    await untilEvent('Document failed, attempt 1 of 3.');
    await untilCheck('Document', 'failed');
    expect(await stateOf(playground, 'Document')).toContain('1 of 3 attempts failed');
    await page.getByText('Verifik does not accept the document.').scrollIntoViewIfNeeded();
    await screenshot(page, 'playground-failed-attempt');
    await document.getByLabel('Verifik finds that it').selectOption('passes');
    await document.getByLabel('Picture of the document').setInputFiles({
      name: 'document.png',
      mimeType: 'image/png',
      buffer: Buffer.from('not quite a picture'),
    });
    await document.getByRole('button', { name: 'Upload the document' }).click();
    await untilCheck('Document', REPORTED);

    const again = group('Register again');
    const former = await again.getByLabel('Email').inputValue();
    await again.getByLabel('Email').fill(`again.${former}`);
    await again.getByRole('button', { name: 'Register again' }).click();
    await untilEvent('Registered again at Verifik: email, phone and selfie to be done.');
    await untilCheck('Email', 'to be done');
    expect(await stateOf(playground, 'Document')).toMatch(/passed|reported/);
    await confirm(playground, 'Email', 2);
    await page.getByText(`Email to again.${former}`).waitFor();
    await confirm(playground, 'Phone', 3);
    await untilCheck('Phone', REPORTED);

    const selfie = group('Selfie');
    await selfie.getByLabel('Verifik finds that it').selectOption('shows no living face');
    await selfie.getByRole('button', { name: 'Take the selfie' }).click();
    await page.getByText('The picture shows no living face. (liveness_failed)').waitFor();
    await untilCheck('Selfie', 'failed');
    await selfie.getByLabel('Verifik finds that it').selectOption('shows a living face');
    await selfie.getByRole('button', { name: 'Take the selfie' }).click();
    await untilEvent(/^Ended: verified\./);
    await page
      .getByText('Verified. Every required check has passed, and Verifik confirmed it.', { exact: true })
      .waitFor();
    await page.getByText('It has ended').waitFor();
    await page.evaluate('scrollTo(0, 0)');
    await screenshot(page, 'playground-verified');

    const link = page.getByRole('link', { name: /^Open the workflow in the Temporal UI/ });
    const workflowId = `${PREFIX}customer-4711`;
    expect(await link.getAttribute('href')).toBe(
      `${real.uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`,
    );
    const { status } = await real.temporal.workflow.getHandle(workflowId).describe();
    expect(status.name).toBe('COMPLETED');
    // The browser logs Verifik's 4xx answers. It must not log anything else.
    expect(
      playground.complaints.filter((text) => !/status of 4\d\d .* \/(v2|playground\/gateway)\//.test(text)),
    ).toEqual([]);
  });

  it('can complete an onboarding with the keyboard alone, and the focus is never lost', async () => {
    const playground = await openPage();
    const { page, tabTo, focused } = playground;
    const { keyboard } = page;
    await keyboard.press('Tab');
    expect(await focused()).toContain('link "Skip to the content"');
    await keyboard.press('Enter');
    await tabTo('button "Another person"');
    await keyboard.press('Enter');
    await tabTo('button "Start the onboarding"');
    await keyboard.press('Enter');
    await expect.poll(focused).toContain('heading "The applicant’s phone"');
    await page.getByRole('button', { name: 'Send me a code by email' }).waitFor();
    for (const [way, messages] of [
      ['email', 1],
      ['text', 2],
    ] as const) {
      if (way === 'email') await tabTo('button "Send me a code by email"');
      await keyboard.press('Enter');
      await expect.poll(focused).toContain(`textbox "Code from the ${way}"`);
      await expect.poll(() => page.getByRole('button', { name: /^Use this code/ }).count()).toBe(messages);
      await keyboard.type(await playground.newestCode());
      await keyboard.press('Enter');
      await expect
        .poll(focused)
        .toContain(way === 'email' ? 'button "Send me a code by text"' : 'Picture of the document');
    }
    await tabTo('button "Upload the document"');
    await keyboard.press('Space');
    await expect.poll(focused).toContain('combobox "Verifik finds that it"');
    await tabTo('button "Take the selfie"');
    await keyboard.press('Space');
    await playground.untilEvent(/^Ended: verified\./);
    // The button is disabled now, and the focus moves to the outcome.
    await expect.poll(focused).toContain('Verified. Every required check has passed');
    await tabTo('link "Open the workflow in the Temporal UI');
    await tabTo('radio "calm');
    for (const profile of ['flaky', 'storm', 'calm']) {
      await keyboard.press('ArrowDown');
      await page.getByText(`Verifik’s API is ${profile} now.`).waitFor();
    }
    expect(playground.complaints).toEqual([]);
  });

  it('finds the onboarding after a reload, opens it from the queue of reviews, and withdraws another onboarding', async () => {
    const playground = await openPage();
    const { page, section, group, untilCheck } = playground;
    await begin(playground, 'customer-4712');
    await group('Document').getByLabel('Verifik finds that it').selectOption('needs a review');
    await group('Document').getByRole('button', { name: 'Upload the document' }).click();
    await untilCheck('Document', 'under review');
    await page.reload();
    await page.getByText('A reviewer has to approve or reject: document.').waitFor();
    await page.getByText(/generation 1; its token is live until/).waitFor();
    await page.getByRole('button', { name: 'Start another one' }).click();
    await begin(playground, 'customer-4713');
    await untilCheck('Document', 'to be done');
    await section('The reviewer’s side').getByRole('link', { name: 'customer-4712' }).click();
    await expect.poll(playground.focused).toContain('heading "Review of customer-4712"');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await untilCheck('Document', 'passed');
    await confirm(playground, 'Email', 1);
    await untilCheck('Email', REPORTED);
    await page.goBack();
    await untilCheck('Email', 'to be done');
    await page.getByRole('button', { name: 'Withdraw the onboarding' }).click();
    await playground.untilEvent(/^Ended: withdrawn\./);
    await page.goBack();
    await untilCheck('Email', REPORTED);
    // Temporal's counts lag behind.
    const countWithdrawn = async () => {
      await countOnboardings(playground);
      return playground.section('Funnel').getByRole('row', { name: 'Withdrawn 1' }).count();
    };
    await expect.poll(countWithdrawn).toBe(1);
    expect(playground.complaints).toEqual([]);
  });

  it('can claim a review, ask the applicant to repeat, and approve, in a narrow dark window with the keyboard alone', async () => {
    const playground = await openPage();
    const { page, tabTo, focused, untilCheck, untilEvent } = playground;
    const { keyboard } = page;
    const side = playground.section('The reviewer’s side');
    const replaceBy = async (text: string): Promise<void> => {
      await keyboard.press('Control+A');
      await keyboard.type(text);
    };
    await page.setViewportSize({ width: 320, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const check of ['Email', 'Phone', 'Selfie']) {
      await tabTo(`checkbox "${check}"`);
      await keyboard.press('Space');
    }
    await tabTo('textbox "Reference');
    await replaceBy('customer-4718');
    const stream = playground.hold('GET', '**/events/stream?*');
    await keyboard.press('Enter');
    await expect.poll(focused).toContain('heading "The applicant’s phone"');
    // The required checks are not known yet. A step that is shown now and hidden later would lose the focus.
    const steps = playground.section('The applicant’s phone').getByRole('group');
    expect(await steps.count()).toBe(1);
    await (await stream).continue();
    await expect.poll(() => steps.count()).toBe(2);
    await tabTo('combobox "Verifik finds that it"');
    await keyboard.type('needs');
    await tabTo('button "Upload the document"');
    await keyboard.press('Enter');
    await untilCheck('Document', 'under review');

    await side.getByRole('link', { name: 'customer-4718' }).waitFor();
    await tabTo('link "customer-4718"');
    await keyboard.press('Enter');
    await expect.poll(focused).toContain('heading "Review of customer-4718"');
    const reason = REVIEW_REASONS.documentNotSupported;
    const queue = side.getByRole('list', { name: 'Reviews' });
    await queue.getByText(`${reason} Flow`).waitFor();
    await side.getByText(`Document: ${reason}`).waitFor();
    await tabTo('button "Claim"');
    await keyboard.press('Enter');
    await side.getByText(/^Claimed by reviewer-7 until/).waitFor();
    await queue.getByText('Claimed by reviewer-7.').waitFor();
    await tabTo('textbox "Id of the reviewer"', 'Shift+Tab');
    await replaceBy('reviewer-8');
    await keyboard.press('Enter');
    await side.getByText('(reviewClaimed)').waitFor();
    expect(await page.evaluate(LOW_CONTRAST_TEXTS)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await screenshot(side, 'playground-review');

    await tabTo('button "Claim all the same"');
    await keyboard.press('Enter');
    await side.getByText(/^Claimed by reviewer-8 until/).waitFor();
    await expect.poll(focused).toContain('button "Claim"');
    await tabTo('textbox "Reason, for the applicant"');
    await keyboard.press('Enter');
    await expect.poll(focused).toMatch(/^textbox "Reason, for the applicant Expected: .*\[invalid\]/);
    await keyboard.type('The photo is blurred.');
    await keyboard.press('Enter');
    await untilEvent('reviewer-8 asked the applicant to repeat: document.');
    await expect.poll(focused).toContain('heading "The reviewer’s side"');
    await page.getByText('Please do this again. The photo is blurred.').waitFor();
    await untilCheck('Document', 'to be done');
    await tabTo('button "Upload the document"', 'Shift+Tab');
    await keyboard.press('Enter');
    await untilEvent('Document passed.');
    await side.getByText('The registration as a whole.', { exact: true }).waitFor();
    await tabTo('button "Approve"');
    const approval = page.waitForRequest(/\/review$/);
    await keyboard.press('Enter');
    expect((await approval).postDataJSON()).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{8}$/) });
    await untilEvent(/^Ended: verified\./);
    expect(playground.complaints.filter((text) => !/status of 4\d\d .* \/playground\/gateway\//.test(text))).toEqual(
      [],
    );
  });

  it('can verify an applicant under the storm profile with repeated, delayed and forged webhooks', async () => {
    const playground = await openPage();
    const { page, untilEvent } = playground;
    await page.getByRole('checkbox', { name: 'Phone' }).uncheck();
    await page.getByRole('checkbox', { name: 'Document' }).uncheck();
    await begin(playground, 'customer-4714');
    for (const name of ['repeated', 'late', 'forged']) await page.getByRole('checkbox', { name }).check();
    await page.getByText('Webhooks are repeated, late, forged now.').waitFor();
    await page.getByRole('radio', { name: /^a storm/ }).check();
    await page.getByText('Verifik’s API is storm now.').waitFor();
    expect(await real.sandbox.control.settings()).toMatchObject({ webhookCopies: 3, webhookDelayMs: 5_000 });
    await confirm(playground, 'Email', 1);
    await page.getByRole('button', { name: 'Take the selfie' }).click();
    await untilEvent(/^Ended: verified\./);
    await page.getByRole('radio', { name: /^calm/ }).check();
    await page.getByText('Verifik’s API is calm now.').waitFor();
    const patch = playground.hold('PATCH', '**/settings');
    for (const name of ['repeated', 'late', 'forged']) await page.getByRole('checkbox', { name }).uncheck();
    await (await patch).continue();
    await page.getByText('Webhooks are sound now.').waitFor();
    expect(await page.getByRole('group', { name: 'Phone' }).count()).toBe(0);
  });
});

describe('the playground and its gateway', () => {
  it('show that the gateway is unreachable, and reconnect when it is back', async () => {
    const playground = await openPage();
    const { page } = playground;
    await begin(playground, 'customer-4717');
    await page.getByText('Following live.').waitFor();
    await gateway.kill();
    // A status role, which screen readers announce.
    await page.getByRole('status').filter({ hasText: 'Connecting again…' }).waitFor();
    await page.getByRole('button', { name: 'Ask for a live token' }).click();
    await page.getByText('The gateway does not answer. (gatewayUnreachable)').waitFor();
    gateway = await startGateway(new URL(gateway.url).host, gateway);
    await page.getByText('Following live.').waitFor();
    await page.getByRole('button', { name: 'Withdraw the onboarding' }).click();
    await playground.untilEvent(/^Ended: withdrawn\./);
    expect(await page.getByRole('log', { name: 'Events' }).getByText('Registered at Verifik').count()).toBe(1);
  });
});

describe('the accessible playground', () => {
  it('has a name for every control, landmarks, one main heading, and a visible focus', async () => {
    const playground = await openPage();
    const { page } = playground;
    await begin(playground, 'customer-4715');
    await playground.untilCheck('Email', 'to be done');
    const controls = page.locator('a, button, input, select, summary').filter({ visible: true });
    expect(await controls.count()).toBeGreaterThan(30);
    for (const control of await controls.all()) expect(await accessibleText(control)).toMatch(NAMED);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    for (const role of ['banner', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1);
    const sides = ['The applicant’s phone', 'The backend’s side', 'The reviewer’s side', 'Verifik’s side'];
    for (const name of ['Live checklist', ...sides]) expect(await playground.section(name).count()).toBe(1);
    await playground.tabTo('button "Start another one"');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outline')).toMatch(/solid 3px/);
  });

  it('has sufficient contrast in light and dark mode, and fits a window of 320 pixels', async () => {
    const playground = await openPage();
    const { page } = playground;
    await begin(playground, 'customer-4716');
    await playground.untilCheck('Email', 'to be done');
    await page.getByRole('button', { name: 'Send me a code by text' }).click();
    await page.getByText('A code is on its way by text.').waitFor();
    await countOnboardings(playground);
    expect(await page.evaluate(LOW_CONTRAST_TEXTS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(LOW_CONTRAST_TEXTS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.evaluate('scrollTo(0, 0)');
    await screenshot(page, 'playground-narrow');
  });

  it('shows that no gateway is connected, and still shows messages (escaped) and settings', async () => {
    const sandbox = await startSandbox({ settings: IMMEDIATE });
    const url = `${sandbox.url}/v2/app-registrations`;
    const email = '<b>applicant</b>@example.com';
    const registered = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.clientToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        project: sandbox.project,
        projectFlow: sandbox.projectFlow,
        email,
        fullName: 'The Applicant',
      }),
    });
    const { data }: { data: { token: string } } = JSON.parse(await registered.text());
    const playground = await openPlayground(await browser.newProfile(), sandbox.url);
    await playground.page.getByRole('heading', { name: 'No gateway is connected' }).waitFor();
    await createApplicant({ url: sandbox.url, token: data.token }).validateEmail();
    await playground.page.getByText(`Email to ${email}: Your code is`).waitFor();
    await playground.page.getByText('All settings of the sandbox').click();
    await playground.page.getByText('webhookLossRate').waitFor();
    expect(await playground.page.getByRole('button', { name: 'Start the onboarding' }).count()).toBe(0);
    expect(playground.complaints).toEqual([]);
    await sandbox.close();
  });
});
