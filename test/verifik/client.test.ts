import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { createApplicant, inventPeople, type Person, type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import { createVerifikClient, type VerifikClient } from '../../verifik/index.js';
import { pageAnswer } from '../../verifik/list-answer.js';
import { createdAnswer, registrationAnswer } from '../../verifik/registration-answers.js';
import { IMMEDIATE } from '../support/immediate.js';

let sandbox: Sandbox;
let verifik: VerifikClient;
const people = inventPeople(23, 60).values();

beforeAll(async () => {
  sandbox = await startSandbox({ settings: IMMEDIATE });
  verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
});

afterAll(async () => {
  verifik.close();
  await sandbox.close();
});

const nextApplicant = (): Person => {
  const person = people.next().value;
  if (person === undefined) throw new Error('all applicants are used');
  return person;
};

const right = async <A>(call: () => Promise<E.Either<unknown, A>>): Promise<A> => {
  const answer = await call();
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
  return answer.right;
};

const create = (person: Person) => {
  const { project, projectFlow } = sandbox;
  return right(verifik.createAppRegistration({ project, projectFlow, ...person }));
};

describe("Verifik's API", () => {
  it.each([
    { createAnswer: 'flat', statusWords: 'lower', errorEnvelope: 'seed' },
    { createAnswer: 'nested', statusWords: 'upper', errorEnvelope: 'later' },
    { createAnswer: 'nested', statusWords: 'lower', errorEnvelope: 'successFalse' },
  ] as const)('the client completes a registration in the API generation %j', async (generation) => {
    await sandbox.control.settings(generation);
    const person = nextApplicant();
    const {
      appRegistrationId: id,
      token: { token, expiresAt },
      status,
    } = await create(person);
    expect(status).toBe('inProgress');
    expect(Math.abs(expiresAt - Date.now() - 120 * 60_000)).toBeLessThan(5_000);

    const applicant = createApplicant({ url: sandbox.url, token });
    for (const check of CHECK_NAMES) await applicant.pass(check);
    await applicant.compareFaces();

    const { checks, comparison } = await right(verifik.getAppRegistration(id));
    expect(CHECK_NAMES.map((check) => checks[check]?.result)).toEqual(Array(4).fill('passed'));
    expect(comparison).toBe('match');
    expect(await right(verifik.syncAppRegistration(id, { token, step: 'end' }))).toEqual({ status: 'completed' });
    expect(await verifik.resendLink(id, { sendEmail: false })()).toMatchObject({
      left: { type: 'RegistrationClosed' },
    });
  });

  it('resend-link issues a token for half an hour and sends the link on request', async () => {
    const person = nextApplicant();
    const { appRegistrationId } = await create(person);
    const {
      token: { token, expiresAt, link },
      emailSent,
    } = await right(verifik.resendLink(appRegistrationId, { sendEmail: true }));
    expect(Math.abs(expiresAt - Date.now() - 30 * 60_000)).toBeLessThan(5_000);
    expect(link).toContain(token);
    expect(emailSent).toBe(true);
    expect(await sandbox.control.outbox({ to: person.email })).toMatchObject([{ link }]);
  });

  it('the list is paginated and has the fields that identify a registration', async () => {
    const person = nextApplicant();
    const { appRegistrationId } = await create(person);
    const { project, projectFlow } = sandbox;
    const first = await right(verifik.listAppRegistrations({ project, projectFlow, page: 1, limit: 2 }));
    expect(first).toMatchObject({ page: 1, pages: Math.ceil(first.total / 2) });
    const last = await right(verifik.listAppRegistrations({ project, projectFlow, page: first.pages, limit: 2 }));
    const { email, phone, countryCode } = person;
    expect(last.items.at(-1)).toMatchObject({ appRegistrationId, email, phone, countryCode, project, projectFlow });
    const none = await right(verifik.listAppRegistrations({ page: 1, limit: 2, statuses: ['EXPIRED'] }));
    expect(none.items).toEqual([]);
  });

  it('a bare id passes no check, and a face mismatch is reported', async () => {
    const person = { ...nextApplicant(), email: 'face+compare-failed@applicants.example.com' };
    const {
      appRegistrationId,
      token: { token },
    } = await create(person);
    const applicant = createApplicant({ url: sandbox.url, token });
    for (const check of ['document', 'biometric'] as const) await applicant.pass(check);
    await applicant.compareFaces();
    expect(await right(verifik.getAppRegistration(appRegistrationId))).toMatchObject({ comparison: 'mismatch' });
    await sandbox.control.settings({ references: 'ids' });
    const { checks } = await right(verifik.getAppRegistration(appRegistrationId));
    expect(checks.document).toMatchObject({ result: 'pending', validationId: expect.any(String) });
    await sandbox.control.settings({ references: 'populated' });
  });
});

describe('a response', () => {
  it('a response of any shape is decoded or rejected, and only known words pass a check', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const decode of [registrationAnswer, pageAnswer, createdAnswer(() => 0)]) decode(body);
      }),
    );
    const word = fc.string().filter((text) => !['validated', 'completed', 'active'].includes(text.toLowerCase()));
    const reference = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.record({ _id: fc.string(), status: fc.oneof(word, fc.constant(null)) }),
    );
    const references = fc.record({
      emailValidation: reference,
      phoneValidation: reference,
      documentValidation: reference,
      biometricValidation: reference,
    });
    fc.assert(
      fc.property(references, (fields) => {
        const read = registrationAnswer({ data: { _id: 'r', status: 'COMPLETED', somethingNew: {}, ...fields } });
        if (E.isLeft(read)) throw new Error(JSON.stringify(read.left));
        for (const check of CHECK_NAMES) expect(read.right.checks[check]?.result).not.toBe('passed');
      }),
    );
  });
});
