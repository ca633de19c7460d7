import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RatedAccount, rateShare } from '../../activities/revalidation/rate-limiter.js';
import { BatchClient } from '../../client/index.js';
import { vendorTaskQueue } from '../../contract/task-queues.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { createApplicant } from '../../tools/sandbox/index.js';
import { type DevServer, startDevServer } from '../../tools/servers/index.js';
import { createVerifikClient, openAccounts, withClients } from '../../verifik/index.js';
import { type OnboardingWorld, openWorld } from '../support/onboarding-world.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const ACCOUNTS = {
  acme: { project: '65f0a1b2c3d4e5f601234511', projectFlow: '65f0a1b2c3d4e5f601234521' },
  globex: { project: '65f0a1b2c3d4e5f601234512', projectFlow: '65f0a1b2c3d4e5f601234522' },
} as const;

const NAMES = ['acme', 'globex'] as const;

let server: DevServer;
let world: OnboardingWorld;

beforeAll(async () => {
  installQuietRuntime();
  server = await startDevServer({ headless: true });
  const settings = {
    projectFlows: Object.fromEntries(NAMES.map((name) => [ACCOUNTS[name].projectFlow, ACCOUNTS[name].project])),
    accounts: Object.fromEntries(NAMES.map((name) => [ACCOUNTS[name].project, name])),
  };
  world = await openWorld(settings, {
    connect: (client = {}) => TestWorkflowEnvironment.createFromExistingServer({ address: server.address, client }),
    accountsAt: async (sandbox) => {
      const folder = mkdtempSync(join(tmpdir(), 'onboarding-accounts-'));
      const accountOf = async (name: (typeof NAMES)[number]) => {
        const clientTokenFile = join(folder, name);
        writeFileSync(clientTokenFile, await sandbox.clientTokenOf(name));
        return [name, { clientTokenFile, projects: [ACCOUNTS[name].project], callsPerSecond: 50 }] as const;
      };
      const path = join(folder, 'accounts.json');
      writeFileSync(path, JSON.stringify({ accounts: Object.fromEntries(await Promise.all(NAMES.map(accountOf))) }));
      return withClients(await openAccounts(path, undefined), (tokenSource) =>
        createVerifikClient({ baseUrl: sandbox.url, tokenSource }),
      );
    },
  });
});

afterAll(async () => {
  await world.close();
  await server.kill();
});

const refusedCalls = async () => (await world.sandbox.control.requests()).filter(({ status }) => status === 403);

describe.concurrent('workers with several accounts at Verifik', () => {
  it.each(NAMES)('onboard, register again and re-validate an applicant of %s with its token', async (name) => {
    const { project } = ACCOUNTS[name];
    const reference = `customer-of-${name}`;
    const one = await world.begin(ACCOUNTS[name], undefined, { reference });
    await world.client.reRegister(one.workflowId, { reason: 'another phone' });
    const { appRegistrationId, token } = await world.client.registration(one.workflowId);
    const applicant = createApplicant({ url: world.sandbox.url, token, project, person: one.person });
    await world.doAndReport({ ...one, applicant }, ...CHECK_NAMES);
    expect(await world.client.result(one.workflowId)).toMatchObject({ outcome: 'verified' });

    const batches = new BatchClient(world.env.client, { taskQueue: world.taskQueue });
    const source = { kind: 'ids', ids: [appRegistrationId], project } as const;
    await batches.start({ mode: 'reverify', source, checks: ['email'] }, { batch: `of-${name}` });
    const again = `reverify-${appRegistrationId}`;
    await expect.poll(async () => (await world.client.status(again)).registration, { timeout: 15_000 }).toBeDefined();
    const { events } = await world.env.client.workflow.getHandle(again).fetchHistory();
    const queues = events?.flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
    );
    expect(new Set(queues)).toEqual(new Set([vendorTaskQueue(world.taskQueue, name)]));
    await world.client.withdraw(again);
    expect(await refusedCalls()).toEqual([]);
  });

  it('erase a customer at Verifik with the token of the project', async () => {
    const { appRegistrationId } = await world.begin(ACCOUNTS.globex, undefined, { reference: 'to-erase' });
    const { atVerifik } = await world.client.erase('to-erase', { atVerifik: true });
    expect(atVerifik).toMatchObject([
      { deletions: [{ kind: 'registration', id: appRegistrationId, answer: 'deleted' }] },
    ]);
  });
});

it('Workers refuse a project without an account before anything is created', async () => {
  const project = '65f0a1b2c3d4e5f601234599';
  const before = await world.sandbox.control.ids();
  await expect(world.begin({ project })).rejects.toMatchObject({
    type: 'Misconfigured',
    message: expect.stringContaining(`no account in VERIFIK_ACCOUNTS_FILE has the project ${project}`),
  });
  expect(await world.sandbox.control.ids()).toEqual(before);
});

it('Batches share the rate of their account, and not that of others', async () => {
  const initech = { name: 'initech', projects: ['project-of-initech'], callsPerSecond: 60 };
  const umbrella = { name: 'umbrella', projects: ['project-of-umbrella'], callsPerSecond: 30 };
  const others = { name: undefined, projects: [], callsPerSecond: undefined };
  const batches = new BatchClient(world.env.client, { taskQueue: 'without-workers' });
  const projects = { a: 'project-of-initech', b: 'project-of-initech', c: 'project-of-umbrella', d: 'another-project' };
  for (const [batch, project] of Object.entries(projects))
    await batches.start({ mode: 'audit', source: { kind: 'list', project } }, { batch });
  const shareOf = (account: RatedAccount) =>
    rateShare(world.env.client, [others, initech, umbrella], account, 20)(1_000);
  await expect.poll(() => Promise.all([initech, umbrella, others].map(shareOf))).toEqual([30, 30, 20]);
});
