import { afterEach, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import type { Fault } from '../../tools/sandbox/index.js';
import { CREATE, counted } from '../support/counted.js';
import { isRegistering, openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

const world = opened(() => openWorld());

afterEach(() => world.sandbox.control.faults([]));

const faults = (...list: Fault[]) => world.sandbox.control.faults(list);

describe('starting', () => {
  it('ten times at once creates one onboarding, one registration at Verifik and one token', async () => {
    const request = world.request(world.somebody());
    const { result, created, calls } = await counted(world.sandbox, () =>
      Promise.all(Array.from({ length: 10 }, () => world.client.start(request, { reference: 'ten' }))),
    );
    expect(new Set(result.map((one) => JSON.stringify(one))).size).toBe(1);
    expect([created, calls(CREATE)]).toEqual([1, 1]);
    expect(await world.client.start(request, { reference: 'ten' })).toEqual(result[0]);
  });

  it('without a reference finds the onboarding by project, flow and contact', async () => {
    const person = world.somebody();
    const first = await world.client.start(world.request(person));
    expect(await world.client.start(world.request(person))).toEqual(first);
    expect(first.workflowId).not.toContain(person.phone);
  });

  it('another spelling of the applicant finds the same onboarding, its contact keys and its legal hold', async () => {
    const { email } = world.somebody();
    const number = { phone: '3001234567', countryCode: '+57' };
    const request = world.request({ email, ...number, fullName: 'María Ñuñez' });
    const contact = { email: ` ${email.toUpperCase()}`, phone: `0${number.phone}`, countryCode: '+57 ' };
    const respelled = { ...request, contact, fullName: `${request.fullName.normalize('NFD')}\n` };
    const first = await world.client.start(request);
    expect(await world.client.start(respelled, { rejectIfDifferent: true })).toEqual(first);
    expect((await world.client.applicant(first.workflowId)).contact).toEqual(request.contact);
    await world.client.placeLegalHold(request, { placedBy: 'officer-1' });
    await expect(world.client.erase(respelled)).rejects.toMatchObject({ type: 'LegalHold' });
    await world.client.liftLegalHold(respelled, { liftedBy: 'officer-1' });
    const found = () => world.env.client.workflow.getHandle(first.workflowId).describe();
    const keys = (await found()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.contact);
    await world.client.reRegister(first.workflowId, { contact });
    expect((await found()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.contact)).toEqual(keys);
  });

  it('waits for the time that Verifik requests', async () => {
    await faults({ match: CREATE, kind: 'status', status: 429, retryAfter: '700' });
    const start = world.client.start(world.request(world.somebody()), { reference: 'asked-to-wait' });
    const handle = world.env.client.workflow.getHandle('onboarding-asked-to-wait');
    const events = async () => (await handle.fetchHistory()).events ?? [];
    const isWaiting = async () => (await events()).some((event) => event.timerStartedEventAttributes != null);
    // The server's clock must not skip ahead during the call, whose workflow task would time out.
    await expect.poll(() => isWaiting().catch(() => false)).toBe(true);
    await world.pass(600_000);
    expect(await world.client.status('onboarding-asked-to-wait')).toMatchObject({ phase: 'registering' });
    await faults();
    await world.pass(200_000);
    expect(await start).toMatchObject({ generation: 1 });
  });

  it('survives an hour of 503 responses', async () => {
    await faults({ match: '*', kind: 'status', status: 503 });
    const person = world.somebody();
    const start = world.client.start(world.request(person), { reference: 'outage', timeoutMs: 60_000 });
    await isRegistering(world, 'onboarding-outage');
    await world.pass(HOUR_MS);
    await faults();
    await world.pass(5 * MINUTE_MS);
    expect(await start).toMatchObject({ workflowId: 'onboarding-outage', generation: 1 });
  });

  it('with a wrong project flow fails with a typed error, and the same start succeeds after the correction', async () => {
    const request = world.request(world.somebody());
    const wrong = { ...request, projectFlow: 'no-such-flow' };
    await expect(world.client.start(wrong, { reference: 'corrected' })).rejects.toMatchObject({
      type: 'Misconfigured',
    });
    await expect(world.client.result('onboarding-corrected')).rejects.toMatchObject({ type: 'Misconfigured' });
    const projectFlows = { 'no-such-flow': world.sandbox.project, [world.sandbox.projectFlow]: world.sandbox.project };
    await world.sandbox.control.settings({ projectFlows });
    expect(await world.client.start(wrong, { reference: 'corrected' })).toMatchObject({ generation: 1 });
  });

  it('with an invalid request or personal data as reference names the field and starts nothing', async () => {
    const person = { ...world.somebody(), phone: 'call me' };
    await expect(world.client.start(world.request(person), { reference: 'wrong' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'contact.phone', expected: expect.stringContaining('digits') }],
    });
    await expect(world.client.status('onboarding-wrong')).rejects.toMatchObject({ type: 'NotFound' });
    const request = world.request(world.somebody());
    await expect(world.client.start(request, { reference: 'someone@example.com' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'reference' }],
    });
  });

  it('with a project flow that Verifik refuses names the field, also in the status', async () => {
    const request = { ...world.request(world.somebody()), projectFlow: 'nope' };
    await expect(world.client.start(request, { reference: 'no-flow' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'projectFlow', expected: 'the id of a project flow at Verifik' }],
    });
    const { stopped } = await world.client.status('onboarding-no-flow');
    expect(stopped?.sentence).toContain('projectFlow (expected the id of a project flow at Verifik)');
  });

  it('again after the end is rejected without the option `restart`', async () => {
    const request = world.request(world.somebody());
    const { workflowId } = await world.client.start(request, { reference: 'again' });
    await world.client.withdraw(workflowId);
    await world.client.result(workflowId);
    await expect(world.client.start(request, { reference: 'again' })).rejects.toMatchObject({ type: 'AlreadyEnded' });
    expect(await world.client.start(request, { reference: 'again', restart: true })).toMatchObject({ generation: 1 });
  });

  it('resumes the registration that the caller names', async () => {
    const first = await world.begin();
    await first.applicant.pass('document');
    await world.client.withdraw(first.workflowId);
    const { result, created, resent } = await counted(world.sandbox, () =>
      world.client.start(world.request(first.person, { appRegistrationId: first.appRegistrationId })),
    );
    expect(result).toMatchObject({ appRegistrationId: first.appRegistrationId });
    expect([created, resent]).toEqual([0, 1]);
  });
});
