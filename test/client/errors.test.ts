import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';

let real: RealServers;
let elsewhere: OnboardingClient;

beforeAll(async () => {
  real = await openRealServers();
  const { connection } = real.temporal;
  const dataConverter = await onboardingDataConverter({ namespace: 'nowhere' });
  const temporal = new Client({ connection, namespace: 'nowhere', dataConverter });
  elsewhere = new OnboardingClient(temporal, { contactKey: 'a-key-for-the-tests' });
});

afterAll(() => real.close());

const firstListed = () => elsewhere.list()[Symbol.asyncIterator]().next();

describe('in a namespace that does not exist', () => {
  it.each([
    ['status', () => elsewhere.status('onboarding-1')],
    ['withdraw', () => elsewhere.withdraw('onboarding-1')],
    ['list', () => firstListed()],
    ['erase', () => elsewhere.erase('1')],
    ['placeLegalHold', () => elsewhere.placeLegalHold('1', { placedBy: 'counsel-1' })],
  ] as const)('%s fails and names the namespace', async (_name, call) => {
    await expect(call()).rejects.toMatchObject({
      type: 'Unavailable',
      advice: expect.stringContaining('namespace'),
      message: expect.stringContaining('no such namespace'),
    });
  });
});

describe('an invalid customer', () => {
  it('is rejected with the wrong field, and not treated as an unknown customer', async () => {
    const contact = { email: 'applicant@example.com' };
    await expect(real.client.erase({ project: 'project', projectFlow: '', contact })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field: 'projectFlow' }],
    });
    await expect(real.client.legalHold({ project: 'project', projectFlow: 'flow', contact: {} })).rejects.toMatchObject(
      {
        fields: [{ field: 'contact' }],
      },
    );
  });
});
