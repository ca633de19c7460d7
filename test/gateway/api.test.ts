import { randomUUID } from 'node:crypto';
import * as t from 'io-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../codec/evidence/signature.js';
import { EventsCodec } from '../../gateway/schemas/event.js';
import { SignedEvidenceCodec } from '../../gateway/schemas/evidence.js';
import { MAX_IDEMPOTENCY_KEY_LENGTH } from '../../gateway/schemas/ids.js';
import {
  ApplicantCodec,
  IdCodec,
  ListCodec,
  OnboardingCodec,
  ReceiptCodec,
  RegistrationCodec,
} from '../../gateway/schemas/onboarding.js';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { counted } from '../support/counted.js';
import { newPoliciesFile } from '../support/policies-file.js';
import { newSigningKeys } from '../support/signing-keys.js';
import { type Answer, type Asking, type RunningGateway, read, runGateway } from './running.js';

const signingKeys = await newSigningKeys();
let real: RealServers;
let gateway: RunningGateway;
const people = inventPeople(41, 100).values();

beforeAll(async () => {
  // By default, the server waits half a minute before it deletes a workflow that has just closed.
  real = await openRealServers({}, { 'history.transferProcessorEnsureCloseBeforeDelete': 'false' });
  const policies = { 'email-only': { version: '1', policy: { required: ['email'] } } };
  await real.startWorker({ policiesFile: newPoliciesFile(policies) });
  gateway = await runGateway({ temporal: real.temporal, signingKeys });
});

afterAll(async () => {
  await gateway?.close();
  await real?.close();
});

const somebody = (tag?: string): Person => {
  const person = people.next().value;
  if (person === undefined) throw new Error('everybody has been met');
  return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
};

const newId = () => `customer-${randomUUID()}`;

const requestOf = (person: Person, change: Readonly<Record<string, unknown>> = {}) => ({
  ...real.request(person),
  ...change,
});

const start = (body: unknown, asking: Asking = {}) => gateway.ask('POST /v1/onboardings', { ...asking, body });

const begin = async (tag?: string, change: Readonly<Record<string, unknown>> = {}) => {
  const [id, person] = [newId(), somebody(tag)];
  const registration = read(RegistrationCodec, await start(requestOf(person, { reference: id, ...change })));
  const applicant = real.applicantWith(person, registration.token);
  return { ...registration, person, applicant, path: `/v1/onboardings/${id}`, workflowId: `onboarding-shop:${id}` };
};

const statusOf = async (path: string) => read(OnboardingCodec, await gateway.ask(`GET ${path}`));

const code = ({ body }: { readonly body: unknown }) => read(t.type({ code: t.string }), { ...NONE, body }).code;

const FieldErrors = t.type({ errors: t.array(t.type({ field: t.string })) });

const fieldsIn = ({ body }: { readonly body: unknown }) =>
  read(FieldErrors, { ...NONE, body }).errors.map(({ field }) => field);

const NONE = { status: 0, headers: new Headers(), text: '' };

describe('a start over HTTP', () => {
  it('returns a live token and the location of the onboarding', async () => {
    const [id, person] = [newId(), somebody()];
    const answer = await start(requestOf(person, { reference: id }));
    const registration = read(RegistrationCodec, answer);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/onboardings/${id}`);
    expect(registration).toMatchObject({ id, generation: 1 });
    expect(registration.expiresAt).toBeGreaterThan(Date.now());
    const { phase, pending } = await statusOf(`/v1/onboardings/${id}`);
    expect([phase, pending.length]).toEqual(['validating', 4]);
  });

  it('returns the same registration when repeated, with or without an idempotency key', async () => {
    const body = requestOf(somebody(), { reference: newId() });
    const headers = { 'idempotency-key': randomUUID() };
    const { result, created } = await counted(real.sandbox, async () => [
      await start(body),
      await start(body, { headers }),
      await start(body, { headers }),
      ...(await Promise.all(Array.from({ length: 5 }, () => start(body, { headers })))),
    ]);
    expect(created).toBe(1);
    expect(new Set(result.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });

  it('ignores the order of fields', async () => {
    const body = requestOf(somebody(), { reference: newId() });
    const first = await start(body);
    const turned = Object.fromEntries(Object.entries(body).reverse());
    expect((await start(turned)).text).toBe(first.text);
  });

  it('is rejected with a different request under the same reference', async () => {
    const body = requestOf(somebody(), { reference: newId() });
    await start(body);
    const { email, ...number } = body.contact;
    for (const [change, ...fields] of [
      [{ fullName: 'Another Applicant', contact: number }, 'contact.email', 'fullName'],
      [{ language: 'es' }, 'language'],
      [
        { policy: { required: ['email'], attemptLimits: { email: 1 } } },
        'policy.attemptLimits.email',
        'policy.required',
      ],
    ] as const) {
      const answer = await start({ ...body, ...change });
      expect([answer.status, code(answer)]).toEqual([409, 'requestMismatch']);
      expect(fieldsIn(answer).sort()).toEqual(fields);
      expect(answer.text).not.toMatch(/another applicant|es"/i);
      expect(answer.text).not.toContain(email);
    }
  });

  it('is rejected with a different request under the same idempotency key, and starts nothing', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await start(requestOf(somebody(), { reference: newId() }), { headers });
    const reference = newId();
    const answer = await start(requestOf(somebody(), { reference }), { headers });
    expect([answer.status, code(answer)]).toEqual([409, 'requestMismatch']);
    expect(fieldsIn(answer)).toEqual(expect.arrayContaining(['contact.email', 'fullName', 'reference']));
    expect((await gateway.ask(`GET /v1/onboardings/${reference}`)).status).toBe(404);
  });

  it('accepts the longest idempotency key of the OpenAPI document, also from the longest tenant name', async () => {
    const key = gateway.addKey('longest', { tenant: 't'.repeat(50) });
    const headers = { 'idempotency-key': 'k'.repeat(MAX_IDEMPOTENCY_KEY_LENGTH) };
    const { status } = await start(requestOf(somebody(), { reference: newId() }), { key, headers });
    expect(status).toBe(201);
  });

  it('keeps the idempotency keys and references of tenants separate', async () => {
    const key = gateway.addKey('other', { tenant: 'other' });
    const [reference, headers] = [newId(), { 'idempotency-key': randomUUID() }];
    const one = await start(requestOf(somebody(), { reference }), { headers });
    const other = await start(requestOf(somebody(), { reference }), { headers, key });
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(read(RegistrationCodec, one).appRegistrationId).not.toBe(read(RegistrationCodec, other).appRegistrationId);
  });

  it('is recorded by Temporal under the tenant of the API key as its fairness key', async () => {
    const keys = { shop: gateway.key, bank: gateway.addKey('bank', { tenant: 'bank' }) };
    for (const [tenant, key] of Object.entries(keys)) {
      const id = newId();
      expect((await start(requestOf(somebody(), { reference: id }), { key })).status).toBe(201);
      const { events } = await real.temporal.workflow.getHandle(`onboarding-${tenant}:${id}`).fetchHistory();
      expect(events?.[0]?.workflowExecutionStartedEventAttributes?.priority?.fairnessKey).toBe(tenant);
    }
  });

  it('finds the same customer by the contact if there is no reference, and does not reveal the contact', async () => {
    const body = requestOf(somebody());
    const first = read(RegistrationCodec, await start(body));
    expect(read(RegistrationCodec, await start(body))).toEqual(first);
    expect(first.id).toMatch(/^contact-[\w-]{43}$/);
    expect((await gateway.ask(`GET /v1/onboardings/${first.id}`)).status).toBe(200);
  });

  it('starts an ended onboarding again with `restart`, once per idempotency key', async () => {
    const { id, path, person, appRegistrationId } = await begin();
    await gateway.ask(`POST ${path}/withdrawal`);
    await expect.poll(async () => (await statusOf(path)).phase).toBe('ended');
    const ended = await start(requestOf(person, { reference: id }));
    expect([ended.status, code(ended)]).toEqual([409, 'alreadyEnded']);
    const asking = { headers: { 'idempotency-key': randomUUID() } };
    const again = requestOf(person, { reference: id, restart: true });
    const restarted = read(RegistrationCodec, await start(again, asking));
    expect(restarted.appRegistrationId).toBe(appRegistrationId);
    await gateway.ask(`POST ${path}/withdrawal`);
    await expect.poll(async () => (await statusOf(path)).phase).toBe('ended');
    expect((await start(again, asking)).status).toBe(409);
  });

  it('reports a misconfigured project and wrong fields of the request', async () => {
    const wrong = await start(requestOf(somebody(), { reference: newId(), project: 'no-such-project' }));
    expect([wrong.status, code(wrong)]).toEqual([422, 'misconfigured']);
  });

  it('that failed shows why in the status, in the list and in the problems of its other calls', async () => {
    const id = newId();
    await start(requestOf(somebody(), { reference: id, project: 'no-such-project' }));
    const stopped = {
      ...{ how: 'failed', failure: 'Misconfigured', at: expect.any(Number) },
      sentence: expect.stringMatching(/^The project or its flow is misconfigured at Verifik\. .* Details: .*HTTP 404/),
    };
    expect(await statusOf(`/v1/onboardings/${id}`)).toMatchObject({ phase: 'ended', stopped });
    const answer = await gateway.ask(`POST /v1/onboardings/${id}/token`);
    expect([answer.status, answer.body]).toEqual([
      409,
      expect.objectContaining({ code: 'closedWithoutOutcome', stopped }),
    ]);
    const list = async () => read(ListCodec, await gateway.ask('GET /v1/onboardings?project=no-such-project'));
    await expect
      .poll(async () => (await list()).onboardings.find((one) => one.id === id))
      .toMatchObject({ execution: 'FAILED', stopped });
  });
});

describe('an onboarding over HTTP', () => {
  it('lists its passed checks as events, and shows its decision in the snapshot', async () => {
    const { id, path, applicant, workflowId } = await begin();
    for (const check of ['email', 'phone', 'document', 'biometric'] as const) {
      const { status, validationId } = await applicant.pass(check);
      await real.client.signalValidation(workflowId, check, { status, validationId });
    }
    await expect.poll(async () => (await statusOf(path)).decision?.outcome).toBe('verified');
    const { events, last } = read(EventsCodec, await gateway.ask(`GET ${path}/events`));
    expect(events.map(({ data }) => data.sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ type }) => type)).toEqual([
      'onboarding.registered',
      ...Array(4).fill('onboarding.check.passed'),
      'onboarding.ended',
    ]);
    expect(events.every(({ data }) => data.id === id)).toBe(true);
    const later = read(EventsCodec, await gateway.ask(`GET ${path}/events?after=${last - 1}`));
    expect(later.events).toEqual(events.slice(-1));
  });

  it('returns its token again, and a new one on re-registration, once per idempotency key', async () => {
    const { path, token, generation } = await begin();
    expect(read(RegistrationCodec, await gateway.ask(`POST ${path}/token`))).toMatchObject({ token, generation });
    const headers = { 'idempotency-key': randomUUID() };
    const again = () => gateway.ask(`POST ${path}/re-registration`, { headers, body: { reason: 'lost' } });
    const { result, recreated } = await counted(real.sandbox, async () => [await again(), await again()]);
    expect(result.map((answer) => read(RegistrationCodec, answer).generation)).toEqual([2, 2]);
    expect(recreated).toBe(1);
    const other = await gateway.ask(`POST ${path}/re-registration`, { headers, body: { reason: 'lost once more' } });
    expect([other.status, other.body]).toMatchObject([409, { code: 'requestMismatch', errors: [{ field: 'reason' }] }]);
    expect(await statusOf(path)).toMatchObject({ generation: 2 });
  });

  it('returns the link of the hosted page with a token that has one', async () => {
    const { path } = await begin();
    await real.sandbox.control.settings({ reRegistration: 'resume' });
    const again = await gateway.ask(`POST ${path}/re-registration`, { body: {} });
    await real.sandbox.control.settings({ reRegistration: 'recreate' });
    const { link, token } = read(RegistrationCodec, again);
    expect(link).toContain(token);
    expect(read(RegistrationCodec, await gateway.ask(`POST ${path}/token`))).toMatchObject({ token, link });
    expect((await gateway.ask(`GET ${path}`)).text).not.toContain(token);
  });

  it('streams from its first event to readers of an earlier onboarding of the same id', async () => {
    const [reference, person] = [newId(), somebody()];
    const path = `/v1/onboardings/${reference}`;
    const whole = async () => {
      await start(requestOf(person, { reference, restart: true }));
      await gateway.ask(`POST ${path}/withdrawal`);
      await expect.poll(async () => (await statusOf(path)).phase).toBe('ended');
    };
    await whole();
    await whole();
    const idsAfter = async (known: string) => {
      const { text } = await gateway.ask(`GET ${path}/events/stream`, { headers: { 'last-event-id': known } });
      return text.match(/^id: \d+$/gm);
    };
    expect(await idsAfter('1')).toEqual(['id: 2']);
    expect(await idsAfter('2')).toBeNull();
    expect(await idsAfter('3')).toEqual(['id: 1', 'id: 2']);
  });

  it('is decided by reviewers', async () => {
    const { path, applicant, workflowId } = await begin('document-review');
    const { status, validationId } = await applicant.pass('document');
    await real.client.signalValidation(workflowId, 'document', { status, validationId });
    await expect.poll(async () => (await statusOf(path)).hold).toBe('review');
    const body = { decision: 'reject', reviewer: 'reviewer-7', check: 'document' };
    const decided = await gateway.ask(`POST ${path}/review`, { body });
    expect([decided.status, read(OnboardingCodec, decided).id]).toEqual([200, path.split('/').at(-1)]);
    await expect.poll(async () => (await statusOf(path)).decision?.reason).toBe('rejectedByReviewer');
  });

  it('is decided once per idempotency key, also after it has ended', async () => {
    const { path, applicant, workflowId } = await begin('document-review');
    const { status, validationId } = await applicant.pass('document');
    await real.client.signalValidation(workflowId, 'document', { status, validationId });
    await expect.poll(async () => (await statusOf(path)).hold).toBe('review');
    const body = { decision: 'approve', reviewer: 'reviewer-7', check: 'document' };
    const headers = { 'idempotency-key': randomUUID() };
    const decide = () => gateway.ask(`POST ${path}/review`, { headers, body });
    const first = read(OnboardingCodec, await decide());
    expect(first.checks.document.approvedBy).toBe('reviewer-7');
    expect(read(OnboardingCodec, await decide())).toEqual(first);
    expect(code(await gateway.ask(`POST ${path}/review`, { body }))).toBe('nothingToReview');
    await gateway.ask(`POST ${path}/withdrawal`);
    await expect.poll(async () => (await statusOf(path)).phase).toBe('ended');
    expect(read(OnboardingCodec, await decide())).toEqual(first);
    const other = await gateway.ask(`POST ${path}/review`, { headers, body: { ...body, decision: 'reject' } });
    expect([other.status, code(other)]).toEqual([409, 'requestMismatch']);
  });

  it('rejects a review if nothing is under review, and all actions once it has ended', async () => {
    const { id, path } = await begin();
    const body = { decision: 'approve', reviewer: 'reviewer-7' };
    const answer = await gateway.ask(`POST ${path}/review`, { body });
    expect([answer.status, code(answer)]).toEqual([409, 'nothingToReview']);
    const withdrawn = await gateway.ask(`POST ${path}/withdrawal`);
    expect([withdrawn.status, read(IdCodec, withdrawn)]).toEqual([202, { id }]);
    await expect.poll(async () => (await statusOf(path)).decision?.outcome).toBe('withdrawn');
    const late = [
      await gateway.ask(`POST ${path}/review`, { body }),
      await gateway.ask(`POST ${path}/re-registration`, { body: {} }),
      await gateway.ask(`POST ${path}/token`),
    ];
    expect(late.map((one) => [one.status, code(one)])).toEqual(Array(3).fill([409, 'alreadyEnded']));
    expect((await gateway.ask(`POST ${path}/withdrawal`)).status).toBe(202);
  });

  it("returns the applicant's data only to keys with the scope", async () => {
    const { path, person } = await begin();
    const { email, phone, countryCode, fullName } = person;
    const applicant = read(ApplicantCodec, await gateway.ask(`GET ${path}/applicant`));
    expect(applicant).toEqual({ contact: { email, phone, countryCode }, fullName });
    const key = gateway.addKey('reader', { scopes: ['start', 'read', 'review', 'erase'] });
    const answer = await gateway.ask(`GET ${path}/applicant`, { key });
    expect([answer.status, code(answer)]).toEqual([403, 'scope']);
    for (const call of [`GET ${path}`, `GET ${path}/events`, `POST ${path}/token`])
      expect((await gateway.ask(call, { key })).text).not.toContain(email);
  });

  it('signs the evidence of a decided onboarding for keys with the scope, with personal data only for those with both', async () => {
    const { path, person, workflowId } = await begin();
    const early = await gateway.ask(`GET ${path}/evidence`);
    expect([early.status, code(early)]).toEqual([409, 'notDecided']);
    await gateway.ask(`POST ${path}/withdrawal`);
    await expect.poll(async () => (await statusOf(path)).phase).toBe('ended');
    const verified = async (answer: Answer) => {
      const { evidence } = read(SignedEvidenceCodec, answer);
      return verifyEvidence(evidence, await signingKeys.publicKeys());
    };
    const key = gateway.addKey('auditor', { scopes: ['evidence'] });
    const answer = await gateway.ask(`GET ${path}/evidence`, { key });
    const decision = expect.objectContaining({ outcome: 'withdrawn' });
    expect(await verified(answer)).toMatchObject({ right: { keyId: 'first', evidence: { workflowId, decision } } });
    expect(await verified(answer)).not.toHaveProperty('right.evidence.applicant');
    const refused = await gateway.ask(`GET ${path}/evidence?personalData=true`, { key });
    expect([refused.status, code(refused)]).toEqual([403, 'scope']);
    expect(await verified(await gateway.ask(`GET ${path}/evidence?personalData=true`))).toMatchObject({
      right: { evidence: { applicant: { fullName: person.fullName } } },
    });
  });

  it('rejects a replay if it was started without callbacks', async () => {
    const { path } = await begin();
    const answer = await gateway.ask(`POST ${path}/events/1/replay`);
    expect([answer.status, code(answer)]).toEqual([409, 'noCallbacks']);
  });

  it('sends its events to the endpoint of the API key that started it', async () => {
    const key = gateway.addKey('with-callbacks', { callbacks: 'nowhere' });
    const id = newId();
    await start(requestOf(somebody(), { reference: id }), { key });
    const { callbacks } = await real.client.events(`onboarding-shop:${id}`);
    expect(callbacks).toEqual({ endpoint: 'nowhere', id });
    const replay = (sequence: number) => gateway.ask(`POST /v1/onboardings/${id}/events/${sequence}/replay`);
    const again = await replay(1);
    expect([again.status, again.body]).toEqual([202, { id, sequence: 1 }]);
    const never = await replay(99);
    expect([never.status, code(never)]).toEqual([404, 'noSuchEvent']);
  });

  it('is erased with all its data, including the idempotency key of its start', {
    timeout: 120_000,
  }, async () => {
    const [reference, person] = [newId(), somebody()];
    const headers = { 'idempotency-key': randomUUID() };
    const body = requestOf(person, { reference });
    const { appRegistrationId } = read(RegistrationCodec, await start(body, { headers }));
    const erased = read(ReceiptCodec, await gateway.ask(`DELETE /v1/onboardings/${reference}`));
    expect(erased).toMatchObject({ id: reference, appRegistrationIds: [appRegistrationId], runs: 2 });
    expect((await gateway.ask(`GET /v1/onboardings/${reference}`)).status).toBe(404);
    // The idempotency key can be used again.
    expect((await start(requestOf(somebody(), { reference: newId() }), { headers })).status).toBe(201);
  });

  it('is erased at Verifik as well if the request asks for it', async () => {
    const { path, appRegistrationId } = await begin();
    const { atVerifik } = read(ReceiptCodec, await gateway.ask(`DELETE ${path}?atVerifik=true`));
    const deletions = [{ kind: 'registration', id: appRegistrationId, answer: 'deleted' }];
    expect(atVerifik).toEqual([{ appRegistrationId, deletions }]);
    expect(await gateway.ask(`DELETE ${path}?atVerifik=perhaps`)).toMatchObject({ status: 422 });
  });

  it('is not erased during a legal hold', async () => {
    const { id, path } = await begin();
    await real.client.placeLegalHold(`shop:${id}`, { placedBy: 'counsel-1' });
    const answer = await gateway.ask(`DELETE ${path}`);
    expect([answer.status, code(answer)]).toEqual([409, 'legalHold']);
    expect((await gateway.ask(`GET ${path}`)).status).toBe(200);
  });
});

describe('the list of onboardings', () => {
  const list = async (query: string, key: string) =>
    read(ListCodec, await gateway.ask(`GET /v1/onboardings?${query}`, { key }));

  it('has pages of the tenant, newest first, with filters and cursors that only this list accepts', async () => {
    const [key, stranger] = [
      gateway.addKey('listing', { tenant: 'listing' }),
      // Its name has the other tenant's name as a prefix.
      gateway.addKey('listing-too', { tenant: 'listing-too' }),
    ];
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const reference of ids)
      await start(
        requestOf(somebody(), {
          reference,
          ...(reference === 'c' ? { policyName: 'email-only' } : { policy: { required: ['phone'] } }),
        }),
        { key },
      );
    await start(requestOf(somebody(), { reference: 'z' }), { key: stranger });
    await expect.poll(async () => (await list('', key)).onboardings.map(({ id }) => id)).toEqual([...ids].reverse());
    // The list shows registrations with a delay.
    await expect.poll(async () => (await list('status=validating', key)).onboardings).toHaveLength(5);

    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await list(`limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`, key);
      pages.push(page.onboardings.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined && pages.length < 9);
    expect(pages.flat()).toEqual([...ids].reverse());
    expect(pages[0]).toEqual(['e', 'd']);

    expect((await list('pending=email', key)).onboardings.map(({ id }) => id)).toEqual(['c']);
    expect((await list('policyName=email-only', key)).onboardings.map(({ id }) => id)).toEqual(['c']);
    expect((await list('status=verified', key)).onboardings).toEqual([]);
    expect((await list('validBefore=4102444800000', key)).onboardings).toEqual([]);
    expect((await list(`project=${real.sandbox.project}&status=validating`, key)).onboardings).toHaveLength(5);
    const { registrationIds = [] } = (await list('limit=1', key)).onboardings[0] ?? {};
    const found = await list(`appRegistrationId=${registrationIds[0]}`, key);
    expect(found.onboardings.map(({ id }) => id)).toEqual(['e']);

    const { cursor: mine } = await list('limit=2', key);
    const elsewhere = [
      await gateway.ask(`GET /v1/onboardings?limit=2&cursor=${mine}`, { key: stranger }),
      await gateway.ask(`GET /v1/onboardings?limit=2&status=validating&cursor=${mine}`, { key }),
      await gateway.ask(`GET /v1/onboardings?limit=2&cursor=x${mine}`, { key }),
    ];
    const errors = [{ field: 'cursor', in: 'query', expected: 'the cursor of the previous page of the same list' }];
    for (const { status, body } of elsewhere) expect([status, body]).toMatchObject([422, { errors }]);
  });

  it("contains no onboarding that another tenant's key can reach by any call", async () => {
    const { id, path, appRegistrationId } = await begin();
    const key = gateway.addKey('stranger', { tenant: 'stranger' });
    const body = { decision: 'approve', reviewer: 'reviewer-7' };
    const answers = [
      await gateway.ask(`GET ${path}`, { key }),
      await gateway.ask(`GET ${path}/applicant`, { key }),
      await gateway.ask(`GET ${path}/events`, { key }),
      await gateway.ask(`GET ${path}/events/stream`, { key }),
      await gateway.ask(`POST ${path}/token`, { key }),
      await gateway.ask(`POST ${path}/re-registration`, { key, body: {} }),
      await gateway.ask(`POST ${path}/review`, { key, body }),
      await gateway.ask(`POST ${path}/review/claim`, { key, body: { reviewer: 'reviewer-7' } }),
      await gateway.ask(`POST ${path}/review/release`, { key, body: { reviewer: 'reviewer-7' } }),
      await gateway.ask(`POST ${path}/withdrawal`, { key }),
      await gateway.ask(`POST ${path}/events/1/replay`, { key }),
      // The tenant is the prefix of every id.
      await gateway.ask(`GET /v1/onboardings/shop:${id}`, { key }),
    ];
    expect(answers.map((answer) => [answer.status, code(answer)])).toEqual(answers.map(() => [404, 'notFound']));
    expect((await list(`appRegistrationId=${appRegistrationId}`, key)).onboardings).toEqual([]);
    expect(read(ReceiptCodec, await gateway.ask(`DELETE ${path}`, { key })).runs).toBe(0);
    expect((await gateway.ask(`GET ${path}`)).status).toBe(200);
  });
});

describe('the log of the gateway', () => {
  it('names the call, the key and the onboarding, and no person', async () => {
    const { id, path, person, token } = await begin();
    await gateway.ask(`GET ${path}/applicant`, { headers: { 'x-request-id': 'request-17' } });
    const log = JSON.stringify(gateway.log());
    for (const secret of [person.email, person.phone, person.fullName, token, gateway.key])
      expect(log).not.toContain(secret);
    expect(gateway.log().at(-1)).toMatchObject({
      route: 'GET /v1/onboardings/:id/applicant',
      status: 200,
      requestId: 'request-17',
      key: 'shop',
      tenant: 'shop',
      onboarding: id,
    });
    expect(await gateway.metrics.registry.metrics()).toMatch(
      /gateway_requests_total\{route="GET \/v1\/onboardings\/:id\/applicant",status="200",key="shop"\} \d/,
    );
  });
});
