import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import {
  describeDeployment,
  setCurrentVersion,
  setRampingVersion,
  untilVersionIsThere,
} from '../../tools/processes/deployments.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { bundleWorkflows } from '../../worker/bundle.js';
import { inPipes } from '../cli/running.js';
import { commandsOf, readDocument } from './document.js';
import { type Begun, meetPeople } from './operated-servers.js';
import { openRealServers, type RealServers } from './real-servers.js';
import { openShell, type Ran, type Shell } from './shell.js';

// Tests follow one another: they are the upgrade of one deployment, by the commands that the document gives.

const V7 = { deploymentName: 'onboarding', buildId: 'v7' };
const V8 = { deploymentName: 'onboarding', buildId: 'v8' };

/** Workflows that have one more command in their histories, behind a patch. */
const NEXT_BUILD = fileURLToPath(new URL('../support/next-build/workflows.ts', import.meta.url));

/** Else a version counts as draining for three minutes at least. */
const DRAINED_SOON = {
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod': '"500ms"',
  'matching.wv.VersionDrainageStatusRefreshInterval': '"500ms"',
};

const START_TIMEOUT_MS = 50_000;
const READ = 'GET /v2/app-registrations/:id';

const UPGRADING = readDocument('upgrading.md');
const [firstVersion] = commandsOf(UPGRADING, 'The first version');
const [ramp, look, makeCurrent, lookAtFormer] = commandsOf(UPGRADING, 'Rolling out a build');
const [pin, takeBack, release] = commandsOf(UPGRADING, 'Taking a build back');

let real: RealServers;
let shell: Shell;
let v7: WorkerProcess;
let early: Promise<Begun>;
let many: readonly Begun[];
let late: Begun;
let bundle: string;
const somebody = meetPeople(83);

const bundleNextBuild = async (): Promise<string> => {
  const path = join(dirname(real.logFile), 'next-build.js');
  await writeFile(path, (await bundleWorkflows(NEXT_BUILD)).code);
  return path;
};

beforeAll(async () => {
  real = await openRealServers({}, DRAINED_SOON);
  shell = await openShell(real.address);
  [v7, bundle] = await Promise.all([real.startWorker({ version: V7 }), bundleNextBuild()]);
});

afterAll(() => real?.close());

const begin = async (reference: string): Promise<Begun> => {
  const person = somebody();
  const started = await real.client.start(real.request(person), { reference, timeoutMs: START_TIMEOUT_MS });
  return { ...started, applicant: real.applicantWith(person, started.token) };
};

const doAndReport = async ({ workflowId, applicant }: Begun, checks: readonly CheckName[]): Promise<void> => {
  for (const check of checks) await real.client.signalValidation(workflowId, check, await applicant.pass(check));
};

const finish = async (one: Begun, checks: readonly CheckName[] = CHECK_NAMES): Promise<string> => {
  await doAndReport(one, checks);
  return (await real.client.result(one.workflowId)).outcome;
};

const describeWorkflow = async ({ workflowId }: Begun) =>
  (await real.temporal.workflow.getHandle(workflowId).describe()).raw;

/** The build whose worker did the last workflow task. */
const buildOf = async (one: Begun): Promise<string | undefined> =>
  (await describeWorkflow(one)).workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;

/** Begins onboardings until one is given to the build. */
const beginWith = async (build: string, tries = 20): Promise<Begun> => {
  const one = await begin(`late-${tries}`);
  if ((await buildOf(one)) === build) return one;
  if (tries === 0) throw new Error(`nobody is given to ${build}`);
  return beginWith(build, tries - 1);
};

const failedTasksOf = async ({ workflowId }: Begun): Promise<readonly string[]> => {
  const { events } = await real.temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
};

/** Runs a block of the document's commands, which have to succeed. */
const run = async (block = 'exit 1'): Promise<Ran> => {
  const ran = await shell.shell(block.replaceAll('customer-4711', 'early'));
  expect(ran).toMatchObject({ exitCode: 0 });
  return ran;
};

const doctor = async (): Promise<string> =>
  (await inPipes(['doctor'], { TEMPORAL_ADDRESS: real.address, ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile }))
    .stdout;

describe('an upgrade', () => {
  it('begins with a version that is given nothing, which doctor finds', async () => {
    early = begin('early');
    await untilVersionIsThere(real.temporal, V7);
    expect(await doctor()).toMatch(
      /wrong +workers +they receive no tasks: the current version is no version, theirs is onboarding build v7\n +Make it the current version: .*set-current-version --deployment-name onboarding --build-id v7/,
    );
    const [unversioned] = await Promise.all([
      real.startWorker(),
      real.startWorker({ version: V8, workflowBundle: bundle }),
    ]);
    expect(await buildOf(await early)).toBeUndefined();
    await run(firstVersion);
    await doAndReport(await early, ['email']);
    await expect.poll(async () => buildOf(await early)).toBe('v7');
    await unversioned.stop();
    expect(await doctor()).toMatch(/ok +workers .*; the current version is onboarding build v7/);
  });

  it('gives the next build everything, takes it back, and gives it a share', async () => {
    await setRampingVersion(real.temporal, V8, 0);
    await setCurrentVersion(real.temporal, V8);
    await doAndReport(await early, ['phone']);
    await expect.poll(async () => buildOf(await early)).toBe('v8');
    // What went through no new branch is taken back at once.
    await setCurrentVersion(real.temporal, V7);
    await run(ramp);
    expect(await describeDeployment(real.temporal, 'onboarding')).toEqual({
      current: 'v7',
      ramping: { buildId: 'v8', percentage: 50 },
      drainage: {},
    });
    many = await Promise.all(['1', '2', '3', '4', '5', '6', '7', '8'].map((n) => begin(`of-many-${n}`)));
    expect(new Set(await Promise.all(many.map(buildOf)))).toEqual(new Set(['v7', 'v8']));
    await run(look);
  });

  it('is taken back, and those that only the next build can carry on stay with it', async () => {
    const builds = await Promise.all(many.map(buildOf));
    const newer = many.filter((_, index) => builds[index] === 'v8');
    const [older] = many.filter((_, index) => builds[index] === 'v7');
    const [pinned] = newer;
    if (older === undefined || pinned === undefined) throw new Error('nobody was given to one of the builds');
    const patched = async () => (await real.temporal.workflow.count('TemporalChangeVersion="next-build"')).count;
    await expect.poll(patched).toBe(newer.length);
    await run(pin);
    await expect
      .poll(async () => (await describeWorkflow(pinned)).workflowExecutionInfo?.versioningInfo)
      .toMatchObject({
        versioningOverride: { pinned: { version: V8 } },
      });
    late = await beginWith('v8');
    await run(takeBack);
    expect(await finish(older)).toBe('verified');
    expect(await finish(pinned)).toBe('verified');
    expect(await Promise.all([older, pinned].map(buildOf))).toEqual(['v7', 'v8']);
    await doAndReport(late, ['email']);
    await expect.poll(() => failedTasksOf(late)).toEqual([expect.stringContaining('next-build')]);
  });

  it('is done: what is under way goes on with the next build, and the former one can be stopped', async () => {
    const held = await begin('held');
    expect(await buildOf(held)).toBe('v7');
    await real.sandbox.control.faults([{ match: READ, kind: 'status', status: 503 }]);
    await doAndReport(held, CHECK_NAMES);
    await expect.poll(async () => (await describeWorkflow(held)).pendingActivities).toHaveLength(1);
    await run(makeCurrent);
    await run(release);
    await expect
      .poll(() => describeDeployment(real.temporal, 'onboarding'))
      .toEqual({ current: 'v8', drainage: { v7: 'drained' } });
    expect((await run(lookAtFormer)).stdout).toContain('drained');
    await v7.stop();
    await real.sandbox.control.faults([]);
    const ended = many.map(async (one) =>
      (await real.client.status(one.workflowId)).phase === 'ended' ? 'verified' : finish(one),
    );
    const rest = ['document', 'biometric'] as const;
    expect(await Promise.all([...ended, finish(await early, rest), finish(late, ['phone', ...rest])])).toEqual(
      Array(many.length + 2).fill('verified'),
    );
    expect(await real.client.result(held.workflowId)).toMatchObject({ outcome: 'verified' });
    expect(await Promise.all([await early, late, held].map(buildOf))).toEqual(['v8', 'v8', 'v8']);
  });
});
