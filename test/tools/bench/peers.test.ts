import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as t from 'io-ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PEERS, type Peer, type PeerName, startPeer } from '../../../tools/bench/peers/index.js';
import {
  createApplicant,
  inventPeople,
  type Person,
  type Sandbox,
  startSandbox,
} from '../../../tools/sandbox/index.js';
import { type Postgres, startPostgres } from '../../../tools/servers/index.js';

/** `PEERS=1 npx vitest run test/tools/bench/peers.test.ts`. Not part of `npm test`: the peers' packages are installed for it. */
const IS_WANTED = process.env['PEERS'] === '1';
const COUNT = 20;
const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;
const TIMEOUT_MS = 120_000;

const Started = t.type({ id: t.string, appRegistrationId: t.string, token: t.string });
type Started = t.TypeOf<typeof Started>;
const Read = t.intersection([t.type({ status: t.string }), t.partial({ outcome: t.string })]);

let postgres: Postgres;
let sandbox: Sandbox;
let peer: Peer;

beforeAll(async () => {
  if (IS_WANTED) postgres = await startPostgres();
});

afterEach(async () => {
  await peer?.stop();
  await sandbox?.close();
});

afterAll(() => postgres?.stop());

let databases = 0;

const open = async (name: PeerName): Promise<void> => {
  sandbox = await startSandbox();
  peer = await startPeer(name, {
    verifikBaseUrl: sandbox.url,
    clientToken: sandbox.clientToken,
    databaseUrl: async () => {
      databases += 1;
      const database = `${name}_${databases}`;
      await postgres.createDatabase(database);
      return postgres.url(database);
    },
    logFile: join(mkdtempSync(join(tmpdir(), 'onboarding-peers-')), `${name}.log`),
  });
};

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${peer.url}${path}`, {
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

/** What a caller does whose call was lost: the same again. */
const startAgainUntilStarted = async (reference: string, person: Person): Promise<Started> => {
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
  (await decoded(Read, await fetch(`${peer.url}/onboardings/${id}`))).outcome;

const expectVerified = async (started: readonly Started[]): Promise<void> => {
  for (const one of started)
    await expect.poll(() => outcomeOf(one), { timeout: TIMEOUT_MS, interval: 50 }).toBe('verified');
};

const people = inventPeople(7, COUNT).map((person, index) => ({ person, reference: `customer-${index}` }));

describe.skipIf(!IS_WANTED).each(PEERS)('%s', { timeout: TIMEOUT_MS }, (name) => {
  it('carries twenty applicants through, each created once, however often they are started', async () => {
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
    expect(peer.pids().length).toBe(name === 'restate' ? 2 : 1);
  });

  it('starts ten that are the same at the same time once', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('nobody');
    const started = await Promise.all(Array.from({ length: 10 }, () => start(one.reference, one.person)));
    expect(new Set(started.map(({ token }) => token)).size).toBe(1);
    const { registrationsCreated, registrationsRecreated } = await sandbox.control.totals();
    expect({ registrationsCreated, registrationsRecreated }).toEqual({
      registrationsCreated: 1,
      registrationsRecreated: 0,
    });
  });

  it('keeps waiting where the vendor does not agree, and looks again at the next report', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('nobody');
    const started = await start(one.reference, one.person);
    for (const check of CHECKS)
      await post(`/onboardings/${started.id}/validations/${check}`, { status: 'validated', validationId: 'false' });
    const reads = async () => (await sandbox.control.totals()).calls['GET /v2/app-registrations/:id'];
    await expect.poll(reads).toBe(1);
    for (const check of CHECKS) await pass(started, one.person, check);
    await expectVerified([started]);
  });

  it('answers with what is wrong, and with what the vendor refuses', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('nobody');
    const right = request(one.reference, one.person);
    const statusOf = async (body: unknown) => (await post('/onboardings', body)).status;
    expect(await statusOf({ ...right, email: 7 })).toBe(400);
    expect(await statusOf({ ...right, reference: 'a/b' })).toBe(400);
    expect(await statusOf({ ...right, project: 'another' })).toBe(422);
    expect((await fetch(`${peer.url}/onboardings/nobody`)).status).toBe(404);
  });

  it('goes on after a vendor that fails', async () => {
    await open(name);
    const [one] = people;
    if (one === undefined) throw new Error('nobody');
    await sandbox.control.faults([{ match: '*', kind: 'status', status: 503, times: 2 }]);
    const started = await startAgainUntilStarted(one.reference, one.person);
    for (const check of CHECKS) await pass(started, one.person, check);
    await expectVerified([started]);
  });

  it('goes on after it is killed while it starts, waits and confirms', async () => {
    await open(name);
    const calls = people.map(({ reference, person }) => start(reference, person).catch(() => undefined));
    await Promise.any(calls);
    await peer.kill();
    await Promise.all(calls);
    await peer.restart();
    const started = await Promise.all(people.map(({ reference, person }) => startAgainUntilStarted(reference, person)));
    const [last] = CHECKS.slice(-1);
    for (const check of CHECKS.slice(0, -1))
      await Promise.all(started.map((one, index) => pass(one, people[index]?.person ?? fail(), check)));
    await peer.kill();
    await peer.restart();
    await Promise.all(started.map((one, index) => pass(one, people[index]?.person ?? fail(), last ?? fail())));
    await peer.kill();
    await peer.restart();
    await expectVerified(started);
    const { registrationsCreated, registrationsRecreated } = await sandbox.control.totals();
    expect(registrationsCreated).toBe(COUNT);
    // A create whose answer was lost is repeated: the vendor then gives the same registration again.
    console.log(`${name}: ${registrationsRecreated} of ${COUNT} were created again after the crash`);
  });
});

const fail = (): never => {
  throw new Error('nobody');
};
