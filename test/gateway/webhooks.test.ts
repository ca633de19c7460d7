import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ReportRouter } from '../../client/reports.js';
import { PENDING_REPORTS_WORKFLOW } from '../../contract/messages.js';
import { routeQuery } from '../../contract/report-routing.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { RegistrationCodec } from '../../gateway/schemas/onboarding.js';
import { inventPeople, type Person, type Sandbox } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { counted, READ } from '../support/counted.js';
import { type Receiving, startReceiving } from './receiving.js';
import { read, runGateway } from './running.js';

let real: RealServers;
let receiving: Receiving;

const people = inventPeople(23, 100).values();

const somebody = (): Person => {
  const person = people.next().value;
  if (person === undefined) throw new Error('everybody has been met');
  return person;
};

/**
 * Another test checks that webhooks are answered within a second; here, each must arrive once, also on a busy machine.
 */
const PATIENT = { withinMs: 20_000 };

beforeAll(async () => {
  real = await openRealServers();
  await real.startWorker();
  receiving = await startReceiving(new ReportRouter(real.temporal, PATIENT));
});

afterAll(async () => {
  await receiving.close();
  await real.close();
});

const begin = async (reference: string, change: Parameters<RealServers['request']>[1] = {}, client = real.client) => {
  const person = somebody();
  const started = await client.start(real.request(person, change), { reference });
  return { ...started, person, applicant: real.applicantWith(person, started.token) };
};

type Case = Awaited<ReturnType<typeof begin>>;

/** Registers an applicant at Verifik without an onboarding. */
const registerAtVerifik = async ({ email, phone, countryCode, fullName }: Person): Promise<string> => {
  const { url, clientToken, project, projectFlow } = real.sandbox;
  const response = await fetch(`${url}/v2/app-registrations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ project, projectFlow, email, phone, countryCode, fullName }),
  });
  const { data }: { data: { _id: string } } = Object(await response.json());
  return data._id;
};

const newId = (n: number): string => n.toString(16).padStart(24, '0');

const emailValidated = (person: Pick<Person, 'email'>, _id: string, change = {}) => ({
  _id,
  email: person.email,
  project: real.sandbox.project,
  projectFlow: real.sandbox.projectFlow,
  ...change,
});

/** Sends a webhook like Verifik, which repeats it while Temporal does not answer in time, and returns the result. */
const result = async (suffix: string, object: unknown): Promise<unknown> => {
  for (;;) {
    const { status, body } = await receiving.send(suffix, object);
    if (status !== 503) return body['result'];
  }
};

const found = async (query: string): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { workflowId } of real.temporal.workflow.list({ query })) ids.push(workflowId);
  return ids;
};

/** Waits until the list finds the onboarding. */
const listed = (query: string, workflowId: string) => expect.poll(() => found(query)).toContain(workflowId);

const byRegistration = (appRegistrationId: string) => routeQuery({ by: 'registration', appRegistrationId });

const reads = async <A>(act: () => Promise<A>): Promise<number> => (await counted(real.sandbox, act)).calls(READ);

/** Waits until no report has arrived for more than a second, so that all have been read. */
const settled = ({ workflowId }: Case) =>
  expect
    .poll(async () => (await real.client.status(workflowId)).awaiting.what, { interval: 300 })
    .not.toContain('confirm');

const withWebhooks = async (change: Parameters<Sandbox['control']['settings']>[0], act: () => Promise<void>) => {
  await real.sandbox.control.settings({ webhookUrl: receiving.webhookUrl, ...change });
  try {
    await act();
  } finally {
    await real.sandbox.control.settings({
      webhookUrl: null,
      webhookCopies: 1,
      webhookShuffle: 1,
      webhookForgeryRate: 0,
      contactFormat: 'text',
      absentValues: 'null',
    });
  }
};

describe('an onboarding with reports from Verifik only', () => {
  it.each([
    ['as they come', {}],
    [
      'repeated, in another order, preceded by forged ones, and with numbers and empty texts',
      {
        webhookCopies: 2,
        webhookShuffle: 5,
        webhookForgeryRate: 0.3,
        contactFormat: 'number',
        absentValues: 'empty',
      },
    ],
  ] as const)('is verified by webhooks, %s', async (how, settings) => {
    const one = await begin(`webhooks ${how}`.replaceAll(/\W+/g, '-'));
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    await withWebhooks(settings, async () => {
      for await (const _step of one.applicant.goThrough());
      await real.sandbox.control.flushWebhooks();
      expect(await real.client.result(one.workflowId, { timeoutMs: 30_000 })).toMatchObject({
        outcome: 'verified',
        reason: 'allChecksPassed',
      });
    });
    const { reports } = await real.client.status(one.workflowId);
    expect(reports).toMatchObject({ undecodable: 0, foreign: 0, stale: 0, unknownWords: 0 });
  });

  it('goes to review if the faces do not match', async () => {
    const one = await begin('mismatch');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    await real.sandbox.control.force(one.appRegistrationId, { compare: 'failed' });
    for (const check of CHECK_NAMES) await one.applicant.pass(check);
    await withWebhooks({}, async () => {
      expect(await one.applicant.compareFaces()).toBe(false);
      await expect
        .poll(() => real.client.status(one.workflowId))
        .toMatchObject({ hold: 'review', checks: { biometric: { status: 'inReview' } } });
    });
  });
});

describe('a webhook finds its onboarding', () => {
  it('by the registration', async () => {
    const one = await begin('by-registration');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const object = { _id: newId(1), appRegistration: one.appRegistrationId };
    expect(await result('biometric_validation_validated', object)).toBe('delivered');
    expect(await real.client.status(one.workflowId)).toMatchObject({ checks: { biometric: { status: 'reported' } } });
  });

  it('by the contact key, for the email in any case, and only in its project flow', async () => {
    const one = await begin('by-contact');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const { email, phone, countryCode } = one.person;
    const shouted = { email: email.toUpperCase() };
    expect(await result('email_validation_validated', emailValidated(shouted, newId(2)))).toBe('delivered');
    const { project, projectFlow } = real.sandbox;
    const phoned = { _id: newId(3), phone, countryCode, project, projectFlow: { _id: projectFlow } };
    expect(await result('phone_validation_validated', phoned)).toBe('delivered');
    expect(await real.client.status(one.workflowId)).toMatchObject({ pending: ['document', 'biometric'] });
    const elsewhere = emailValidated(one.person, newId(4), { projectFlow: newId(5) });
    expect(await result('email_validation_validated', elsewhere)).toBe('pending');
  });

  it('by a known validation', async () => {
    const one = await begin('by-validation', {}, real.promptClient);
    const steps = [await one.applicant.pass('email'), await one.applicant.pass('document')];
    for (const { check, ...step } of steps) await real.client.signalValidation(one.workflowId, check, step);
    const [email, document] = steps.map(({ validationId }) => validationId);
    for (const id of [email, document]) {
      const query = routeQuery({ by: 'validation', validationId: id ?? '' });
      await listed(query, one.workflowId);
      expect(await found(query)).toEqual([one.workflowId]);
    }
    expect(await found(routeQuery({ by: 'validation', validationId: newId(6) }))).toEqual([]);
    expect(await found(`OnboardingValidationId = "${document}"`)).toEqual([one.workflowId]);
    expect(await result('document_validation_manual_verification_required', { _id: document })).toBe('delivered');
    await settled(one);
    expect(await real.client.status(one.workflowId)).toMatchObject({ reports: { accepted: 3 } });
  });

  it('that does not exist yet: early reports wait in Temporal, by contact and by registration', async () => {
    const person = somebody();
    expect(await result('email_validation_validated', emailValidated(person, newId(7)))).toBe('pending');
    const { workflowId } = await real.client.start(real.request(person), { reference: 'early' });
    await expect
      .poll(() => real.client.status(workflowId))
      .toMatchObject({ checks: { email: { status: 'reported' } }, reports: { accepted: 1 } });

    // A registration at Verifik that an onboarding adopts later.
    const other = somebody();
    const appRegistrationId = await registerAtVerifik(other);
    await real.sandbox.control.setStatus(appRegistrationId, 'NEEDS_MANUAL_VERIFICATION');
    const object = { _id: appRegistrationId };
    expect(await result('app_registration_needs_manual_verification', object)).toBe('pending');
    const late = await real.client.start(real.request(other, { appRegistrationId }), {
      reference: 'early-registration',
    });
    await expect
      .poll(() => real.client.status(late.workflowId))
      .toMatchObject({
        hold: 'review',
        registration: { appRegistrationId, status: 'needsReview' },
      });
  });

  it('that does not exist: above the limit webhooks get 503, and others are not affected', async () => {
    const router = new ReportRouter(real.temporal, { ...PATIENT, pendingPerMinute: 1 });
    const tell = (status: 'completed' | 'failed', appRegistrationId: string) =>
      router.deliver({ about: 'appRegistration', status, appRegistrationId }, [
        { by: 'registration', appRegistrationId },
      ]);
    expect(await tell('failed', newId(20))).toBe('pending');
    await expect(tell('failed', newId(21))).rejects.toMatchObject({ type: 'Unavailable' });
    expect(await tell('completed', newId(20))).toBe('pending');
  });

  it('that has ended, and delivers nothing', async () => {
    const one = await begin('ended');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    await real.client.withdraw(one.workflowId);
    await real.client.result(one.workflowId);
    // The list may or may not show yet that the onboarding has ended.
    expect(await result('app_registration_failed', { _id: one.appRegistrationId })).toBe('ended');
    await expect
      .poll(() => found(`${byRegistration(one.appRegistrationId)} AND ExecutionStatus = "Running"`))
      .toEqual([]);
    expect(await result('app_registration_completed', { _id: one.appRegistrationId })).toBe('ended');
    expect(await result('email_validation_failed', emailValidated(one.person, newId(9)))).toBe('ended');
    // The same applicant with an unknown registration, for which another onboarding is about to start.
    const next = { appRegistration: newId(10) };
    expect(await result('email_validation_validated', emailValidated(one.person, newId(11), next))).toBe('pending');
  });
});

describe('the gateway that starts an onboarding', () => {
  const startWith = async (router: ReportRouter, person: Person, reference: string) => {
    const gateway = await runGateway({ temporal: real.temporal, learn: (started) => router.learn(started) });
    const started = await gateway.ask('POST /v1/onboardings', { body: { ...real.request(person), reference } });
    await gateway.close();
    return { ...read(RegistrationCodec, started), workflowId: `onboarding-shop:${reference}` };
  };

  const report = (router: ReportRouter, status: string, appRegistrationId: string) =>
    router.deliver({ about: 'appRegistration', status, appRegistrationId }, [
      { by: 'registration', appRegistrationId },
    ]);

  const receivedBy = async (workflowId: string) => {
    const { accepted, repeated } = (await real.client.status(workflowId)).reports;
    return accepted + repeated;
  };

  it('routes its webhooks without a search, also of a validation without its registration', async () => {
    const router = new ReportRouter(real.temporal, PATIENT);
    const { appRegistrationId, workflowId } = await startWith(router, somebody(), 'learnt');
    const searches = vi.spyOn(real.temporal.workflowService, 'listWorkflowExecutions');
    const validation = { by: 'validation', validationId: newId(30) } as const;
    const document = { about: 'document', validationId: newId(30), status: 'completed' } as const;
    const registration = { by: 'registration', appRegistrationId } as const;
    expect(await router.deliver(document, [registration, validation])).toBe('delivered');
    expect(await router.deliver(document, [validation])).toBe('delivered');
    expect(searches).not.toHaveBeenCalled();
    searches.mockRestore();
    await expect.poll(() => receivedBy(workflowId)).toBe(2);
  });

  it('routes to all onboardings of a registration, and to another one when the learnt one has ended', async () => {
    const router = new ReportRouter(real.temporal, PATIENT);
    const person = somebody();
    const one = await startWith(router, person, 'first');
    await real.sandbox.control.settings({ reRegistration: 'resume' });
    const other = await startWith(router, person, 'second');
    await real.sandbox.control.settings({ reRegistration: 'recreate' });
    expect(other.appRegistrationId).toBe(one.appRegistrationId);
    for (const { workflowId } of [one, other]) await listed(byRegistration(one.appRegistrationId), workflowId);
    expect(await report(router, 'NEEDS_MANUAL_VERIFICATION', one.appRegistrationId)).toBe('delivered');
    for (const { workflowId } of [one, other]) await expect.poll(() => receivedBy(workflowId)).toBe(1);

    const outdated = new ReportRouter(real.temporal, PATIENT);
    outdated.learn({ ...one, generation: 1 });
    await real.temporal.workflow.getHandle(one.workflowId).terminate();
    expect(await report(outdated, 'NEEDS_MANUAL_VERIFICATION', one.appRegistrationId)).toBe('delivered');
    await expect.poll(() => receivedBy(other.workflowId)).toBe(2);
  });
});

describe('a delivery that takes longer than a webhook may', () => {
  it('goes on, so that the repeated webhooks get its result and cause no other signal', async () => {
    const one = await begin('slow');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const router = new ReportRouter(real.temporal, { withinMs: 1 });
    const { appRegistrationId } = one;
    const deliver = () =>
      router.deliver({ about: 'biometric', status: 'validated', validationId: newId(40) }, [
        { by: 'registration', appRegistrationId },
      ]);
    await expect(deliver()).rejects.toMatchObject({ type: 'TimedOut' });
    await expect.poll(() => deliver().catch(() => undefined)).toBe('repeated');
    const { events } = await real.temporal.workflow.getHandle(one.workflowId).fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionSignaledEventAttributes)).toHaveLength(1);
  });
});

describe('a forged webhook with a valid secret', () => {
  it('causes at most one read, and never an outcome', async () => {
    const one = await begin('forged');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const lie = { _id: one.appRegistrationId, status: 'COMPLETED' };
    const spent = await reads(async () => {
      for (let n = 0; n < 5; n += 1) {
        expect(await result('app_registration_completed', lie)).toMatch(n === 0 ? /^delivered$/ : /^repeated$/);
        // Another gateway process does not know the earlier webhook.
        const other = new ReportRouter(real.temporal, PATIENT);
        const report = { about: 'appRegistration', status: 'COMPLETED', appRegistrationId: lie._id } as const;
        await other.deliver(report, [{ by: 'registration', appRegistrationId: lie._id }]);
      }
      await settled(one);
    });
    expect(spent).toBe(1);
    expect(await real.client.status(one.workflowId)).toMatchObject({
      phase: 'validating',
      pending: [...CHECK_NAMES],
      registration: { status: 'inProgress' },
      reports: { accepted: 1, repeated: 5 },
    });
  });

  it('that reports all checks as passed causes at most one read', async () => {
    const one = await begin('all-forged');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const { email, phone, countryCode } = one.person;
    const claim = (name: string, n: number) =>
      result(`${name}_validation_${name === 'document' ? 'source_lookup' : 'validated'}`, {
        _id: newId(100 + n),
        status: 'completed',
        appRegistration: one.appRegistrationId,
        email,
        phone,
        countryCode,
      });
    const spent = await reads(async () => {
      for (const again of [false, true])
        for (const [n, name] of CHECK_NAMES.entries())
          expect(await claim(name, n)).toMatch(again ? /^repeated$/ : /^(delivered|pending)$/);
      await expect.poll(async () => (await real.client.status(one.workflowId)).registration?.readAt).toBeDefined();
      await settled(one);
    });
    expect(spent).toBe(1);
    expect(await real.client.status(one.workflowId)).toMatchObject({ phase: 'validating', pending: [...CHECK_NAMES] });
  });
});

describe('a burst of webhooks', () => {
  it('reaches its onboarding completely, in some twenty signals and then a few a second', async () => {
    const one = await begin('burst');
    await listed(byRegistration(one.appRegistrationId), one.workflowId);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        result('document_validation_source_lookup', {
          _id: newId(1_000 + n),
          status: 'completed',
          appRegistration: one.appRegistrationId,
        }),
      ),
    );
    expect(new Set(results)).toEqual(new Set(['delivered', 'pending']));
    const handle = real.temporal.workflow.getHandle(one.workflowId);
    await expect
      .poll(async () => {
        const { reports } = await real.client.status(one.workflowId);
        return reports.accepted + reports.repeated;
      })
      .toBeGreaterThanOrEqual(200);
    const { events } = await handle.fetchHistory();
    const at = (events ?? []).flatMap(({ eventTime, workflowExecutionSignaledEventAttributes: signal }) =>
      signal ? [Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9] : [],
    );
    const lastedSeconds = Math.max(...at) - Math.min(...at);
    expect(at.length).toBeLessThan(30 + 6 * lastedSeconds);
    // Signals of one second may be recorded in the next one.
    const busiest = Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 2).length));
    expect(busiest).toBeLessThanOrEqual(30);
    // No `pendingReports` workflow is left once all reports are delivered.
    const parked = `WorkflowId = "pending-registration-${one.appRegistrationId}" AND ExecutionStatus = "Running"`;
    await expect.poll(() => found(parked)).toEqual([]);
  });
});

describe('pending reports', () => {
  it('have no personal data in ids, search attributes and details, and survive a server restart', async () => {
    const person = somebody();
    expect(await result('email_validation_validated', emailValidated(person, newId(50)))).toBe('pending');
    const running = `WorkflowType = "${PENDING_REPORTS_WORKFLOW}" AND ExecutionStatus = "Running"`;
    await real.crashServer();
    await expect.poll(async () => (await found(running).catch(() => [])).length).toBeGreaterThan(0);
    for await (const { workflowId, typedSearchAttributes } of real.temporal.workflow.list({ query: running })) {
      const shown = workflowId + JSON.stringify(typedSearchAttributes.getAll());
      for (const secret of [person.email, person.phone, person.fullName]) expect(shown).not.toContain(secret);
    }
    const { workflowId } = await real.client.start(real.request(person), { reference: 'after-the-crash' });
    await expect
      .poll(() => real.client.status(workflowId), { timeout: 60_000 })
      .toMatchObject({ checks: { email: { status: 'reported' } } });
  });
});
