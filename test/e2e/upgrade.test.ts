import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import {
  describeDeployment,
  setCurrentVersion,
  setRampingVersion,
  untilVersionIsThere,
} from '../../tools/processes/deployments.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { inPipes } from '../cli/running.js';
import { personGenerator, type Started } from '../support/applicants.js';
import { bundleBuild } from '../support/builds.js';
import { READ } from '../support/counted.js';
import { opened } from '../support/opened.js';
import { commandsOf, readDocument, runBlock } from './documents.js';
import { openRealServers } from './real-servers.js';
import { type CommandResult, openShell, type Shell } from './shell.js';

// The tests depend on their order: they upgrade one deployment with the documented commands.

const V7 = { deploymentName: 'onboarding', buildId: 'v7' };
const V8 = { deploymentName: 'onboarding', buildId: 'v8' };

/** By default a version is draining for at least three minutes. */
const DRAINED_SOON = {
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod': '"500ms"',
  'matching.wv.VersionDrainageStatusRefreshInterval': '"500ms"',
};

const START_TIMEOUT_MS = 50_000;

const UPGRADING = readDocument('upgrading.md');
const [firstVersion] = commandsOf(UPGRADING, 'The first version');
const [ramp, look, makeCurrent, lookAtFormer] = commandsOf(UPGRADING, 'Rolling out a build');
const [pin, takeBack, release] = commandsOf(UPGRADING, 'Taking a build back');

let shell: Shell;
let v7: WorkerProcess;
let early: Promise<Started>;
let many: readonly Started[];
let late: Started;
let bundle: string;
const nextPerson = personGenerator(83);

const real = opened(() => openRealServers({}, DRAINED_SOON));

beforeAll(async () => {
  shell = await openShell(real.address);
  [v7, bundle] = await Promise.all([real.startWorker({ version: V7 }), bundleBuild('next-build')]);
});

const begin = (reference: string): Promise<Started> =>
  real.begin(nextPerson(), { reference, timeoutMs: START_TIMEOUT_MS });

const finish = async (one: Started, checks: readonly CheckName[] = CHECK_NAMES): Promise<string> => {
  await real.doAndReport(one, ...checks);
  return (await real.client.result(one.workflowId)).outcome;
};

const describeWorkflow = async ({ workflowId }: Started) =>
  (await real.temporal.workflow.getHandle(workflowId).describe()).raw;

/** Returns the build whose worker completed the last workflow task. */
const buildOf = async (one: Started): Promise<string | undefined> =>
  (await describeWorkflow(one)).workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;

/** Starts onboardings until Temporal assigns one to the build. */
const startOnBuild = async (build: string, tries = 20): Promise<Started> => {
  const one = await begin(`late-${tries}`);
  if ((await buildOf(one)) === build) return one;
  if (tries === 0) throw new Error(`no onboarding was assigned to ${build}`);
  return startOnBuild(build, tries - 1);
};

const failedTasksOf = async ({ workflowId }: Started): Promise<readonly string[]> => {
  const { events } = await real.temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
};

const run = (block?: string): Promise<CommandResult> => runBlock(shell, 'early', block);

const doctor = async (): Promise<string> =>
  (await inPipes(['doctor'], { TEMPORAL_ADDRESS: real.address, ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile }))
    .stdout;

describe('an upgrade', () => {
  it('begins with a version that receives no work, which doctor reports', async () => {
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
    await real.doAndReport(await early, 'email');
    await expect.poll(async () => buildOf(await early)).toBe('v7');
    await unversioned.stop();
    expect(await doctor()).toMatch(/ok +workers .*; the current version is onboarding build v7/);
  });

  it('makes the next build current, rolls it back, and ramps it up', async () => {
    await setRampingVersion(real.temporal, V8, 0);
    await setCurrentVersion(real.temporal, V8);
    await real.doAndReport(await early, 'phone');
    await expect.poll(async () => buildOf(await early)).toBe('v8');
    // An onboarding that has not run the patched code can return to the old build.
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

  it('is rolled back, and pinned onboardings stay with the next build', async () => {
    const builds = await Promise.all(many.map(buildOf));
    const newer = many.filter((_, index) => builds[index] === 'v8');
    const [older] = many.filter((_, index) => builds[index] === 'v7');
    const [pinned] = newer;
    if (older === undefined || pinned === undefined) throw new Error('one of the builds has no onboarding');
    const patched = async () => (await real.temporal.workflow.count('TemporalChangeVersion="next-build"')).count;
    await expect.poll(patched).toBe(newer.length);
    await run(pin);
    await expect
      .poll(async () => (await describeWorkflow(pinned)).workflowExecutionInfo?.versioningInfo)
      .toMatchObject({
        versioningOverride: { pinned: { version: V8 } },
      });
    late = await startOnBuild('v8');
    await run(takeBack);
    expect(await finish(older)).toBe('verified');
    expect(await finish(pinned)).toBe('verified');
    expect(await Promise.all([older, pinned].map(buildOf))).toEqual(['v7', 'v8']);
    await real.doAndReport(late, 'email');
    await expect.poll(() => failedTasksOf(late)).toEqual([expect.stringContaining('next-build')]);
  });

  it('completes: open onboardings continue with the next build, and the former build can be stopped', async () => {
    const held = await begin('held');
    expect(await buildOf(held)).toBe('v7');
    await real.sandbox.control.faults([{ match: READ, kind: 'status', status: 503 }]);
    await real.doAndReport(held, ...CHECK_NAMES);
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
