import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRegistration } from '../../activities/vendor/search.js';
import type { Contact } from '../../domain/contact.js';
import { inventPeople, type Person, type Sandbox, startSandbox } from '../../tools/sandbox/index.js';
import { createVerifikClient, type VerifikClient } from '../../verifik/index.js';
import { IMMEDIATE } from '../support/immediate.js';
import { readExample } from '../tools/sandbox/examples.js';
import { json, startScriptedServer } from '../verifik/scripted-server.js';

/** More than the search without filters examines at each end of the list. */
const MANY = 600;

const LIST = 'GET /v2/app-registrations';

let sandbox: Sandbox;
let verifik: VerifikClient;
let middle: readonly [Person, string];
let last: readonly [Person, string];

const register = async (person: Person): Promise<readonly [Person, string]> => {
  const { project, projectFlow } = sandbox;
  const created = await verifik.createAppRegistration({ project, projectFlow, ...person })();
  if (E.isLeft(created)) throw new Error(created.left.message);
  return [person, created.right.appRegistrationId];
};

beforeAll(async () => {
  sandbox = await startSandbox({ settings: IMMEDIATE });
  verifik = createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });
  const [one, other] = inventPeople(23, 2);
  if (one === undefined || other === undefined) throw new Error('no applicants');
  await sandbox.control.population({ count: MANY });
  middle = await register(one);
  await sandbox.control.population({ count: MANY });
  last = await register(other);
});

afterAll(async () => {
  verifik.close();
  await sandbox.close();
});

const find = async (contact: Contact, projectFlow = sandbox.projectFlow) => {
  const listed = async () => (await sandbox.control.ledger()).calls[LIST] ?? 0;
  const before = await listed();
  const found = await findRegistration(verifik, { project: sandbox.project, projectFlow, contact }, {})();
  if (E.isLeft(found)) throw new Error(found.left.message);
  return { found: found.right, calls: (await listed()) - before };
};

const contactOf = ({ email, phone, countryCode }: Person) => ({ email, phone, countryCode });

describe('a search for a registration', () => {
  it('finds any of thousands with one call by the filters of the panel', async () => {
    await sandbox.control.settings({ panelCalls: 'accepted' });
    const [person, id] = middle;
    const { email, phone, countryCode } = person;
    for (const contact of [{ email }, { phone, countryCode }, { email, phone, countryCode }])
      expect(await find(contact)).toEqual({ found: id, calls: 1 });
  });

  it('finds only the first and the last 500 where the filters are refused', async () => {
    await sandbox.control.settings({ panelCalls: 'refused' });
    expect((await find(contactOf(last[0]))).found).toBe(last[1]);
    expect(await find(contactOf(middle[0]))).toEqual({ found: undefined, calls: 11 });
  });

  it('adopts no registration that only resembles', async () => {
    await sandbox.control.settings({ panelCalls: 'accepted' });
    const { email, phone, countryCode } = middle[0];
    expect((await find({ email: email.slice(1) })).found).toBeUndefined();
    expect((await find({ email: `another-${email}`, phone, countryCode })).found).toBeUndefined();
    expect((await find({ email }, '65f0a1b2c3d4e5f601234500')).found).toBeUndefined();
  });

  it('sends the parameters of the panel', async () => {
    const server = await startScriptedServer();
    server.answer(json({ data: [], total: 0 }));
    const client = createVerifikClient({ baseUrl: server.url, tokenSource: { read: async () => sandbox.clientToken } });
    await findRegistration(client, { project: 'p', projectFlow: 'f', contact: contactOf(middle[0]) }, {})();
    client.close();
    await server.close();
    const sent = new URL(server.received[0]?.url ?? '', server.url).searchParams;
    expect(sent.get('?like_email')).toBe(middle[0].email);
    expect(sent.get('?like_phone')).toBe(middle[0].phone);
    expect(readExample('dashboard.list-filters.query')).toMatchObject({
      query: { '?like_email': expect.anything(), '?like_phone': expect.anything() },
    });
  });

  it('fails where the vendor is unavailable', async () => {
    await sandbox.control.faults([{ match: LIST, kind: 'status', status: 503 }]);
    const applicant = { project: sandbox.project, projectFlow: sandbox.projectFlow, contact: contactOf(last[0]) };
    expect(await findRegistration(verifik, applicant, {})()).toMatchObject({ left: { type: 'Transient' } });
    await sandbox.control.faults([]);
  });
});
