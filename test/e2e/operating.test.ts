import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { type Begun, meetPeople, type OperatedServers, openOperatedServers } from './operated-servers.js';
import { commands, DOCUMENT, runFor } from './operating-document.js';
import { beginInOutage, CREATE, outage, pendingActivity } from './outage.js';
import type { Ran } from './shell.js';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
let real: OperatedServers;
let worker: WorkerProcess;

const somebody = meetPeople(51);

const run = (block: string | undefined, reference: string, variables?: Record<string, string>): Promise<Ran> =>
  runFor(real, reference, block, variables);

const status = (reference: string) => real.client.status(`onboarding-${reference}`);

/** What the vendor has done about registrations so far. */
const registered = async () => {
  const { registrationsCreated: created, registrationsRecreated: recreated } = await real.sandbox.control.ledger();
  return { created, recreated };
};

const goOn = async (
  { workflowId, applicant }: Pick<Begun, 'workflowId' | 'applicant'>,
  ...checks: CheckName[]
): Promise<void> => {
  for (const check of checks) {
    await real.client.signalValidation(workflowId, check, await applicant.pass(check));
    // Each report is a workflow task of its own.
    await real.client.status(workflowId);
  }
};

beforeAll(async () => {
  real = await openOperatedServers();
  worker = await real.startWorker();
});

afterEach(() => outage(real));

afterAll(() => real.close());

describe('an operator with the CLI', () => {
  it('reads an onboarding', async () => {
    await real.begin(somebody(), 'read');
    const { exitCode, stdout } = await run(commands('Reading an onboarding')[0], 'read');
    expect(exitCode).toBe(0);
    expect(stdout.match(/The applicant has to complete: email, phone, document and biometric\./g)).toHaveLength(2);
    expect(stdout).toContain('userMetadata.summary: Onboarding at Verifik');
  });

  it('reports what the backend did not', async () => {
    await real.begin(somebody(), 'reported');
    const [signal] = commands('Reporting, where the backend did not');
    expect(await run(signal, 'reported')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('reported')).toMatchObject({ checks: { email: { status: 'reported' } } });
  });

  it('decides a review, and is refused where there is none', async () => {
    await real.begin(somebody('document-review'), 'reviewed', ...CHECK_NAMES);
    await expect.poll(() => status('reviewed')).toMatchObject({ hold: 'review' });
    const [update] = commands('Deciding a review');
    expect(await run(update, 'reviewed')).toMatchObject({ exitCode: 0 });
    expect(await real.client.result('onboarding-reviewed')).toMatchObject({ reason: 'approvedByReviewer' });
    await real.begin(somebody(), 'unreviewed');
    const refused = await run(update, 'unreviewed');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.all).toContain('document is not under review');
  });

  it('withdraws, and takes a withdrawal back with the same registration', async () => {
    const begun = await real.begin(somebody(), 'withdrawn');
    await goOn(begun, 'email');
    const [withdraw, takeBack] = commands('Withdrawing');
    expect(await run(withdraw, 'withdrawn')).toMatchObject({ exitCode: 0 });
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'withdrawn' });
    const before = await registered();
    const { events } = await real.temporal.workflow.getHandle(begun.workflowId).fetchHistory();
    const withdrawal = events?.findIndex(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'withdraw',
    );
    const completed = events?.slice(0, withdrawal).filter((event) => event.workflowTaskCompletedEventAttributes);
    const EVENT_ID = String(completed?.at(-1)?.eventId);
    expect(await run(takeBack, 'withdrawn', { EVENT_ID })).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('withdrawn')).toMatchObject({ phase: 'validating' });
    expect(await registered()).toEqual(before);
    await goOn(begun, 'phone', 'document', 'biometric');
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'verified' });
  });
});

describe('after a bad deploy', () => {
  const [one, batch] = commands('After a bad deploy');

  it('an onboarding goes on from before its last workflow task; who waited for its result is told to ask again', async () => {
    const begun = await real.begin(somebody(), 'reset');
    await goOn(begun, 'email', 'phone');
    const before = await registered();
    const waiting = real.client.result(begun.workflowId).catch((error: unknown) => error);
    expect(await run(one, 'reset')).toMatchObject({ exitCode: 0 });
    expect(await waiting).toMatchObject({ type: 'Stopped' });
    await expect.poll(() => status('reset')).toMatchObject({ pending: ['document', 'biometric'], generation: 1 });
    expect(await registered()).toEqual(before);
    await goOn(begun, 'document', 'biometric');
    expect(await real.client.result(begun.workflowId)).toMatchObject({ outcome: 'verified' });
  });

  it('a reset to the first workflow task finds the registration again: another token, and what is finished stays finished', async () => {
    const person = somebody();
    const begun = await real.begin(person, 'reset-first', 'email', 'phone');
    const before = await registered();
    const first = (one ?? '').replace('LastWorkflowTask', 'FirstWorkflowTask');
    expect(await run(first, 'reset-first')).toMatchObject({ exitCode: 0 });
    const { workflowId, appRegistrationId, token } = await real.client.registration(begun.workflowId);
    expect(token).not.toBe(begun.token);
    expect(appRegistrationId).toBe(begun.appRegistrationId);
    expect(await registered()).toEqual(before);
    const applicant = real.applicantWith(person, token);
    await goOn({ workflowId, applicant }, 'document', 'biometric');
    expect(await real.client.result(workflowId)).toMatchObject({ outcome: 'verified', appRegistrationId });
  });

  it('workflow tasks that fail are counted by the metric that operators are told to watch', async () => {
    const [metric = 'none'] = DOCUMENT.match(/temporal_workflow_task_execution_failed\w*/) ?? [];
    const options = { workflowId: 'unknown-code', taskQueue: 'verifik-onboarding' };
    const handle = await real.temporal.workflow.start('unknownToTheWorker', options);
    const counted = async () => {
      const lines = (await (await fetch(worker.metricsUrl)).text()).split('\n');
      return lines.filter((line) => line.startsWith(`${metric}{`)).join('\n');
    };
    await expect.poll(counted).toContain('workflow_type="unknownToTheWorker"');
    await handle.terminate();
  });

  it('all that a build has touched goes on from before it, those that have ended aside', async () => {
    const before = await real.begin(somebody(), 'build-before');
    await goOn(before, 'email');
    // Another build: the same code with another text about it.
    const bundle = join(mkdtempSync(join(tmpdir(), 'onboarding-bundle-')), 'workflow-bundle.js');
    const code = `/* a bad deploy */${readFileSync(file('dist/workflow-bundle.js'), 'utf8')}`;
    writeFileSync(bundle, code);
    vi.stubEnv('ONBOARDING_WORKFLOW_BUNDLE', bundle);
    onTestFinished(() => void vi.unstubAllEnvs());
    await worker.stop();
    worker = await real.startWorker();
    await goOn(before, 'phone');
    vi.unstubAllEnvs();
    await worker.stop();
    worker = await real.startWorker();
    const { stdout } = await real.shell(
      `temporal workflow describe --workflow-id onboarding-build-before --output json`,
    );
    const indexed: { BuildIds: { data: string } } =
      JSON.parse(stdout).workflowExecutionInfo.searchAttributes.indexedFields;
    const digest = createHash('sha256').update(code).digest('hex');
    const buildIds: readonly string[] = JSON.parse(Buffer.from(indexed.BuildIds.data, 'base64').toString());
    const BUILD_ID = buildIds.find((id) => id.endsWith(digest))?.replace('unversioned:', '') ?? '';
    const { runId } = await real.temporal.workflow.getHandle(before.workflowId).describe();
    const registrations = await registered();
    const ran = await run(batch, 'build-before', { BUILD_ID });
    expect(ran).toMatchObject({ exitCode: 0, all: expect.stringContaining('approximately 1 workflow(s)') });
    await expect
      .poll(async () => (await real.temporal.workflow.getHandle(before.workflowId).describe()).runId)
      .not.toBe(runId);
    await expect.poll(() => status('build-before')).toMatchObject({ pending: ['document', 'biometric'] });
    expect(await registered()).toEqual(registrations);
  });
});

describe('when Verifik does not answer', () => {
  const [pause, unpause] = commands('When Verifik does not answer');

  it('a paused activity is not tried until it goes on, and then brings the registration', async () => {
    await beginInOutage(real, somebody(), 'paused');
    const { exitCode, stdout } = await run(pause, 'paused');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/State +(Paused|PauseRequested)/);
    await outage(real);
    await real.begin(somebody(), 'not-paused');
    expect(await pendingActivity(real, 'paused')).toMatchObject({ paused: true });
    await expect
      .poll(() => real.temporal.workflow.count('WorkflowId="onboarding-paused" AND TemporalPauseInfo is not null'))
      .toMatchObject({ count: 1 });
    expect(await run(unpause, 'paused')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => status('paused')).toMatchObject({ phase: 'validating', generation: 1 });
  });

  it('a paused onboarding can be withdrawn all the same', async () => {
    await beginInOutage(real, somebody(), 'paused-withdrawn');
    expect(await run(pause, 'paused-withdrawn')).toMatchObject({ exitCode: 0 });
    await real.client.withdraw('onboarding-paused-withdrawn');
    expect(await real.client.result('onboarding-paused-withdrawn')).toMatchObject({ outcome: 'withdrawn' });
  });

  it('where the first try, a local activity, is under way, there is nothing to pause yet', async () => {
    await real.sandbox.control.faults([{ match: CREATE, kind: 'hang' }]);
    const started = expect(
      real.client.start(real.request(somebody()), { reference: 'hanging', timeoutMs: 3_000 }),
    ).rejects.toMatchObject({ type: 'TimedOut' });
    await expect.poll(() => real.sandbox.control.requests().then((requests) => requests.at(-1)?.status)).toBe(null);
    const refused = await run(pause, 'hanging');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.all).toContain("Can't find pending activity");
    await started;
  });
});

describe('erasing a person', () => {
  it('is refused while a legal hold is set, which the CLI finds and lifts', async () => {
    await real.begin(somebody(), 'erased');
    await real.client.placeLegalHold('erased', { placedBy: 'counsel-1' });
    await expect(real.client.erase('erased')).rejects.toMatchObject({ type: 'LegalHold' });
    await expect.poll(() => real.temporal.workflow.count('WorkflowType="legalHold"')).toMatchObject({ count: 1 });
    const ran = await run(commands('Erasing a person')[0], 'erased');
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('legal-hold-erased') });
    expect(await real.client.erase('erased')).toMatchObject({ runs: 1, appRegistrationIds: [expect.any(String)] });
  });
});

describe('the document', () => {
  it('shows pictures that are there, and are small', () => {
    const pictures = [...DOCUMENT.matchAll(/\]\((images\/[\w-]+\.png)\)/g)].map(([, path]) => path ?? '');
    expect(pictures.length).toBeGreaterThan(8);
    for (const path of pictures) expect(readFileSync(file(`docs/${path}`)).length, path).toBeLessThan(200_000);
  });
});
