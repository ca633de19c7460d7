import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as t from 'io-ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ALTERNATIVES,
  type Alternative,
  type AlternativeName,
  startAlternative,
} from '../../../tools/bench/alternatives/index.js';
import {
  createApplicant,
  inventPeople,
  type Person,
  type Sandbox,
  startSandbox,
} from '../../../tools/sandbox/index.js';
import { type Postgres, startPostgres } from '../../../tools/servers/index.js';
import { IMMEDIATE } from '../../support/immediate.js';

/**
 * `ALTERNATIVES=1 npx vitest run test/tools/bench/alternatives.test.ts`. Not part of `npm test`: the alternatives'
 * packages are installed for it.
 */
const IS_ENABLED = process.env['ALTERNATIVES'] === '1';
const COUNT = 20;
const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;
const TIMEOUT_MS = 120_000;

const Started = t.type({ id: t.string, appRegistrationId: t.string, token: t.string });
type Started = t.TypeOf<typeof Started>;
const Read = t.intersection([t.type({ status: t.string }), t.partial({ outcome: t.string })]);

let postgres: Postgres;
let sandbox: Sandbox;
let alternative: Alternative;

beforeAll(async () => {
  if (IS_ENABLED) postgres = await startPostgres();
});

afterEach(async () => {
  await alternative?.stop();
  await sandbox?.close();
});

afterAll(() => postgres?.stop());

let databases = 0;

const open = async (name: AlternativeName): Promise<void> => {
  sandbox = await startSandbox({ settings: IMMEDIATE });
  alternative = await startAlternative(name, {
    verifikBaseUrl: sandbox.url,
    clientToken: sandbox.clientToken,
    databaseUrl: async () => {
      databases += 1;
      const database = `${name}_${databases}`;
      await postgres.createDatabase(database);
      return postgres.url(database);
    },
    logFile: join(mkdtempSync(join(tmpdir(), 'onboarding-alternatives-')), `${name}.log`),
  });
};

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${alternative.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const request = (reference: string, { email, phone, countryCode, fullName }: Person) => ({
  reference,
  project: sandbox.project,
  projectFlow: sandbox.projectFlow,
  email,
  phone,
  countryCode,
  fullName,
});

const decoded = async <A>(codec: t.Type<A>, response: Response): Promise<A> => {
  const body: unknown = await response.json();
  if (!codec.is(body)) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body;
};

const start = async (reference: string, person: Person): Promise<Started> => {
  const response = await post('/onboardings', request(reference, person));
  expect(response.status).toBe(201);
  return decoded(Started, response);
};

/** Repeats a start until it succeeds, like a caller whose request was lost. */
const startWithRetries = async (reference: string, person: Person): Promise<Started> => {
  let started: Started | undefined;
  await expect
    .poll(
      async () => {
        started = await start(reference, person).catch(() => undefined);
        return started;
      },
      { timeout: TIMEOUT_MS, interval: 200 },
    )
    .toBeDefined();
  if (started === undefined) throw new Error('not started');
  return started;
};

const pass = async ({ id, token }: Started, person: Person, check: (typeof CHECKS)[number]): Promise<void> => {
  const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  const { status, validationId } = await applicant.pass(check);
  const response = await post(`/onboardings/${id}/validations/${check}`, { status, validationId });
  expect(response.status).toBe(202);
};

const outcomeOf = async ({ id }: Pick<Started, 'id'>): Promise<string | undefined> =>
  (await decoded(Read, await fetch(`${alternative.url}/onboardings/${id}`))).outcome;

const expectVerified = async (started: readonly Started[]): Promise<void> => {
  for (const one of started)
    await expect.poll(() => outcomeOf(one), { timeout: TIMEOUT_MS, interval: 50 }).toBe('verified');
};

const people = inventPeople(7, COUNT).map((person, index) => ({ person, reference: `customer-${index}` }));

describe.skipIf(!IS_ENABLED).each(ALTERNATIVES)('%s', { timeout: TIMEOUT_MS }, (name) => {
  it('verifies twenty applicants and creates one registration for each, although each is started twice', async () => {
    await open(name);
    const started = await Promise.all(people.map(({ reference, person }) => start(reference, person)));
    const again = await Promise.all(people.map(({ reference, person }) => start(reference, person)));
    expect(again).toEqual(started);
    await Promise.all(
      people.map(async ({ person }, index) => {
        const one = started[index];
        if (one === undefined) throw new Error('not started');
        for (const check of CHECKS) {
          expect(await outcomeOf(one)).toBeUndefined();
          await pass(one, person, check);
        }
      }),
    );
    await expectVerified(started);
    const { calls, registrationsCreated, registrationsRecreated } = await sandbox.control.totals();
    expect({ registrationsCreated, registrationsRecreated }).toEqual({
      registrationsCreated: COUNT,
      registrationsRecreated: 0,
    });
    expect(calls['GET /v2/app-registrations/:id']).toBe(COUNT);
    expect(alternative.pids().length).toBe(name === 'restate' ? 2 : 1);
  });

  it('creates one registration for ten concurrent starts with the same reference', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('expected a person');
    const started = await Promise.all(Array.from({ length: 10 }, () => start(one.reference, one.person)));
    expect(new Set(started.map(({ token }) => token)).size).toBe(1);
    const { registrationsCreated, registrationsRecreated } = await sandbox.control.totals();
    expect({ registrationsCreated, registrationsRecreated }).toEqual({
      registrationsCreated: 1,
      registrationsRecreated: 0,
    });
  });

  it('waits if Verifik does not confirm the checks, and reads again at the next report', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('expected a person');
    const started = await start(one.reference, one.person);
    for (const check of CHECKS)
      await post(`/onboardings/${started.id}/validations/${check}`, { status: 'validated', validationId: 'false' });
    const reads = async () => (await sandbox.control.totals()).calls['GET /v2/app-registrations/:id'];
    await expect.poll(reads).toBe(1);
    for (const check of CHECKS) await pass(started, one.person, check);
    await expectVerified([started]);
  });

  it('answers 400 to invalid requests, 422 to requests that Verifik rejects, and 404 to unknown onboardings', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('expected a person');
    const right = request(one.reference, one.person);
    const statusOf = async (body: unknown) => (await post('/onboardings', body)).status;
    expect(await statusOf({ ...right, email: 7 })).toBe(400);
    expect(await statusOf({ ...right, reference: 'a/b' })).toBe(400);
    expect(await statusOf({ ...right, project: 'another' })).toBe(422);
    expect((await fetch(`${alternative.url}/onboardings/nobody`)).status).toBe(404);
  });

  it('retries when Verifik fails', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('expected a person');
    await sandbox.control.faults([{ match: '*', kind: 'status', status: 503, times: 2 }]);
    const started = await startWithRetries(one.reference, one.person);
    for (const check of CHECKS) await pass(started, one.person, check);
    await expectVerified([started]);
  });

  it('continues after a kill during the starts, the reports and the reads', async () => {
    await open(name);
    const calls = people.map(({ reference, person }) => start(reference, person).catch(() => undefined));
    await Promise.any(calls);
    await alternative.kill();
    await Promise.all(calls);
    await alternative.restart();
    const started = await Promise.all(people.map(({ reference, person }) => startWithRetries(reference, person)));
    const [last] = CHECKS.slice(-1);
    for (const check of CHECKS.slice(0, -1))
      await Promise.all(started.map((one, index) => pass(one, people[index]?.person ?? fail(), check)));
    await alternative.kill();
    await alternative.restart();
    await Promise.all(started.map((one, index) => pass(one, people[index]?.person ?? fail(), last ?? fail())));
    await alternative.kill();
    await alternative.restart();
    await expectVerified(started);
    const { registrationsCreated, registrationsRecreated } = await sandbox.control.totals();
    expect(registrationsCreated).toBe(COUNT);
    // A create whose answer was lost is repeated, and Verifik recreates the registration.
    console.log(`${name}: ${registrationsRecreated} of ${COUNT} registrations were recreated after the crash`);
  });
});

const fail = (): never => {
  throw new Error('expected a person');
};
