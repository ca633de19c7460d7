import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../../tools/processes/gateway-process.js';
import { createApplicant, startSandbox } from '../../tools/sandbox/index.js';
import { freePort } from '../../tools/servers/index.js';
import { openBrowser, screenshot, type TestBrowser } from './browser.js';
import { openPlayground, PALE_TEXTS, type PlaygroundPage, told } from './playground-page.js';
import { openRealServers, type RealServers } from './real-servers.js';

const PREFIX = 'onboarding-shop:';

let real: RealServers;
let gateway: GatewayProcess<'playground'>;
let browser: TestBrowser;

const startGateway = async (address: string, like?: typeof gateway): Promise<typeof gateway> =>
  startGatewayProcess({
    temporalAddress: real.address,
    namespace: 'default',
    address,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    keys: { playground: { tenant: 'shop', scopes: ['start', 'read', 'review'] } },
    contactKey: 'a-key-for-the-tests',
    keysFile: real.keysFile,
    logFile: real.logFile,
    ...(like === undefined ? {} : { like }),
  });

/** Onboardings are moved by the sandbox's webhooks alone. */
beforeAll(async () => {
  real = await openRealServers({ seed: 61 });
  await real.startWorker();
  gateway = await startGateway(`127.0.0.1:${await freePort()}`);
  await real.sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
  real.sandbox.connectPlayground({
    gatewayUrl: gateway.url,
    apiKey: gateway.keys.playground,
    workflowIdPrefix: PREFIX,
    temporalUiUrl: real.uiUrl,
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await gateway?.kill();
  await real?.close();
});

const newPerson = async (): Promise<PlaygroundPage> => openPlayground(await browser.newPerson(), real.sandbox.url);

const begin = async ({ page, section }: PlaygroundPage, reference: string): Promise<void> => {
  await section('Start an onboarding').getByLabel('Reference').fill(reference);
  await page.getByRole('button', { name: 'Start the onboarding' }).click();
  await section('The applicant’s phone').waitFor();
};

/** Asks for a code, takes it from the inbox and confirms it. */
const confirm = async ({ page, group }: PlaygroundPage, name: 'Email' | 'Phone', messages: number): Promise<void> => {
  const step = group(name).filter({ has: page.getByRole('button', { name: /^Send me a code/ }) });
  await step.getByRole('button', { name: /^Send me a code/ }).click();
  const codes = page.getByRole('button', { name: /^Use this code/ });
  await expect.poll(() => codes.count()).toBeGreaterThanOrEqual(messages);
  await codes.first().click();
  await step.getByRole('button', { name: /^Confirm/ }).click();
};

/** How a screen reader tells of a control that has a name. */
const NAMED = /^(link|button|textbox|checkbox|radio|combobox) "[^"]+"|^(group|button|text): \S/;

/** Once Verifik has been read, it is passed for good. */
const REPORTED = /^(reported, to be confirmed|passed)$/;

const stateOf = async ({ page }: PlaygroundPage, name: string): Promise<string> =>
  page.getByRole('list', { name: 'Checks' }).getByRole('listitem').filter({ hasText: name }).ariaSnapshot();

describe('a person in the playground', () => {
  it('takes an applicant to verified, through failed attempts and a registration with another email', async () => {
    const person = await newPerson();
    const { page, section, group, untilCheck, untilEvent } = person;
    const reference = page.getByLabel('Reference');
    await reference.fill('customer-4711');
    await screenshot(page, 'playground-start');
    await reference.fill('not an id');
    await page.getByRole('button', { name: 'Start the onboarding' }).click();
    await expect.poll(() => reference.getAttribute('aria-invalid')).toBe('true');
    expect(await person.focused()).toContain('textbox "Reference');
    await begin(person, 'customer-4711');

    const email = section('The applicant’s phone').getByRole('group', { name: 'Email' });
    await email.getByRole('button', { name: 'Send me a code by email' }).click();
    await expect.poll(() => person.newestCode()).toMatch(/^\d{6}$/);
    await email.getByLabel('Code from the email').fill(String((Number(await person.newestCode()) + 1) % 1_000_000));
    await email.getByRole('button', { name: 'Confirm the email' }).click();
    await page.getByText('That is not the code. (otp_does_not_match)').waitFor();
    expect(await person.focused()).toContain('textbox "Code from the email"');
    await page.getByRole('button', { name: /^Use this code/ }).click();
    await email.getByRole('button', { name: 'Confirm the email' }).click();
    await untilCheck('Email', REPORTED);

    const document = group('Document');
    await document.getByLabel('Verifik finds that it').selectOption('fails');
    await document.getByRole('button', { name: 'Upload the document' }).click();
    await page.getByText('Verifik does not accept the document.').waitFor();
    await untilEvent('Document failed, attempt 1 of 3.');
    await untilCheck('Document', 'failed');
    expect(await stateOf(person, 'Document')).toContain('1 of 3 attempts failed');
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
    expect(await stateOf(person, 'Document')).toMatch(/passed|reported/);
    await confirm(person, 'Email', 2);
    await page.getByText(`Email to again.${former}`).waitFor();
    await confirm(person, 'Phone', 3);
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
    // Verifik's refusals are answers with an error's status, of which the browser tells. Nothing else went wrong.
    expect(person.complaints.filter((text) => !/status of 4\d\d .* \/(v2|playground\/gateway)\//.test(text))).toEqual(
      [],
    );
  });

  it('goes all the way by the keyboard alone, and is never left without a place', async () => {
    const person = await newPerson();
    const { page, tabTo, focused } = person;
    const { keyboard } = page;
    await keyboard.press('Tab');
    expect(await focused()).toContain('link "Skip to the content"');
    await keyboard.press('Enter');
    await tabTo('button "Another person"');
    await keyboard.press('Enter');
    await tabTo('button "Start the onboarding"');
    await keyboard.press('Enter');
    await expect.poll(focused).toContain('heading "The applicant’s phone"');
    for (const [way, messages] of [
      ['email', 1],
      ['text', 2],
    ] as const) {
      if (way === 'email') await tabTo('button "Send me a code by email"');
      await keyboard.press('Enter');
      await expect.poll(focused).toContain(`textbox "Code from the ${way}"`);
      await expect.poll(() => page.getByRole('button', { name: /^Use this code/ }).count()).toBe(messages);
      await keyboard.type(await person.newestCode());
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
    await person.untilEvent(/^Ended: verified\./);
    // Its button is closed now: the outcome is where the person is led.
    await expect.poll(focused).toContain('Verified. Every required check has passed');
    await tabTo('link "Open the workflow in the Temporal UI');
    await tabTo('radio "calm');
    for (const profile of ['flaky', 'storm', 'calm']) {
      await keyboard.press('ArrowDown');
      await page.getByText(`Verifik’s API is ${profile} now.`).waitFor();
    }
    expect(person.complaints).toEqual([]);
  });

  it('finds the onboarding again after a reload, decides a review, and withdraws another', async () => {
    const person = await newPerson();
    const { page, group, untilCheck } = person;
    await begin(person, 'customer-4712');
    await group('Document').getByLabel('Verifik finds that it').selectOption('needs a review');
    await group('Document').getByRole('button', { name: 'Upload the document' }).click();
    await untilCheck('Document', 'under review');
    await page.reload();
    await page.getByText('A reviewer has to approve or reject: document.').waitFor();
    await page.getByText(/generation 1; its token is live until/).waitFor();
    await group('Review').getByRole('button', { name: 'Approve' }).click();
    await untilCheck('Document', 'passed');
    await confirm(person, 'Email', 1);
    await untilCheck('Email', REPORTED);
    await page.getByRole('button', { name: 'Start another one' }).click();
    await begin(person, 'customer-4713');
    await untilCheck('Email', 'to be done');
    await page.getByRole('button', { name: 'Withdraw the onboarding' }).click();
    await person.untilEvent(/^Ended: withdrawn\./);
    await page.goBack();
    await untilCheck('Email', REPORTED);
    expect(person.complaints).toEqual([]);
  });

  it('brings an applicant through a storm with webhooks repeated, late and forged', async () => {
    const person = await newPerson();
    const { page, untilEvent } = person;
    await page.getByRole('checkbox', { name: 'Phone' }).uncheck();
    await page.getByRole('checkbox', { name: 'Document' }).uncheck();
    await begin(person, 'customer-4714');
    for (const name of ['repeated', 'late', 'forged']) await page.getByRole('checkbox', { name }).check();
    await page.getByText('Webhooks are repeated, late, forged now.').waitFor();
    await page.getByRole('radio', { name: /^a storm/ }).check();
    await page.getByText('Verifik’s API is storm now.').waitFor();
    expect(await real.sandbox.control.settings()).toMatchObject({ webhookCopies: 3, webhookDelayMs: 5_000 });
    await confirm(person, 'Email', 1);
    await page.getByRole('button', { name: 'Take the selfie' }).click();
    await untilEvent(/^Ended: verified\./);
    await page.getByRole('radio', { name: /^calm/ }).check();
    await page.getByText('Verifik’s API is calm now.').waitFor();
    for (const name of ['repeated', 'late', 'forged']) await page.getByRole('checkbox', { name }).uncheck();
    await page.getByText('Webhooks are sound now.').waitFor();
    expect(await page.getByRole('group', { name: 'Phone' }).count()).toBe(0);
  });
});

describe('the playground and its gateway', () => {
  it('says when the gateway is away, and follows on when it is back', async () => {
    const person = await newPerson();
    const { page } = person;
    await begin(person, 'customer-4717');
    await page.getByText('Following live.').waitFor();
    await gateway.kill();
    // Whoever does not see it hears of it.
    await page.getByRole('status').filter({ hasText: 'Connecting again…' }).waitFor();
    await page.getByRole('button', { name: 'Ask for a live token' }).click();
    await page.getByText('The gateway does not answer. (gatewayUnreachable)').waitFor();
    gateway = await startGateway(new URL(gateway.url).host, gateway);
    await page.getByText('Following live.').waitFor();
    await page.getByRole('button', { name: 'Withdraw the onboarding' }).click();
    await person.untilEvent(/^Ended: withdrawn\./);
    expect(await page.getByRole('log', { name: 'Events' }).getByText('Registered at Verifik').count()).toBe(1);
  });
});

describe('the playground for everybody', () => {
  it('has a name for every control, landmarks, one main heading, and a focus that is seen', async () => {
    const person = await newPerson();
    const { page } = person;
    await begin(person, 'customer-4715');
    await person.untilCheck('Email', 'to be done');
    const controls = page.locator('a, button, input, select, summary').filter({ visible: true });
    expect(await controls.count()).toBeGreaterThan(30);
    for (const control of await controls.all()) expect(await told(control)).toMatch(NAMED);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    for (const role of ['banner', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1);
    for (const name of ['Live checklist', 'The applicant’s phone', 'The backend’s side', 'Verifik’s side'])
      expect(await person.section(name).count()).toBe(1);
    await person.tabTo('button "Start another one"');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outline')).toMatch(/solid 3px/);
  });

  it('can be read: its texts stand out from their ground, light and dark, and it fits a window of 320 pixels', async () => {
    const person = await newPerson();
    const { page } = person;
    await begin(person, 'customer-4716');
    await person.untilCheck('Email', 'to be done');
    await page.getByRole('button', { name: 'Send me a code by text' }).click();
    await page.getByText('A code is on its way by text.').waitFor();
    expect(await page.evaluate(PALE_TEXTS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(PALE_TEXTS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.evaluate('scrollTo(0, 0)');
    await screenshot(page, 'playground-narrow');
  });

  it('says plainly that there is no gateway, and still shows messages as they are, and the settings', async () => {
    const sandbox = await startSandbox();
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
    const person = await openPlayground(await browser.newPerson(), sandbox.url);
    await person.page.getByRole('heading', { name: 'No gateway is connected' }).waitFor();
    await createApplicant({ url: sandbox.url, token: data.token }).validateEmail();
    await person.page.getByText(`Email to ${email}: Your code is`).waitFor();
    await person.page.getByText('All settings of the sandbox').click();
    await person.page.getByText('webhookLossRate').waitFor();
    expect(await person.page.getByRole('button', { name: 'Start the onboarding' }).count()).toBe(0);
    expect(person.complaints).toEqual([]);
    await sandbox.close();
  });
});
