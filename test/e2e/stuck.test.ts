import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import type { ListedOnboarding } from '../../client/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { CheckName } from '../../domain/checks.js';
import { countingBy, showCounts } from '../../gateway/counts.js';
import { ListCodec } from '../../gateway/schemas/onboarding.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { freePort, startDevServer, startPostgres, startProductionServer } from '../../tools/servers/index.js';
import { inPipes } from '../cli/running.js';
import { type RunningGateway, read, runGateway } from '../gateway/running.js';
import { personGenerator, type Started } from '../support/applicants.js';
import { bundleBuild } from '../support/builds.js';
import { commands, DOCUMENT, runBlock } from './documents.js';
import { type AroundServer, openAround } from './real-servers.js';
import { type CommandResult, openShell, type Shell } from './shell.js';

// The tests depend on their order: a bad build breaks three histories, and the documented commands repair them.

const searchAttributes = Object.values(SEARCH_ATTRIBUTES);

/** Short timeouts and retry intervals, so that a workflow task fails five times within seconds. */
const FAILS_FAST = { 'history.defaultWorkflowTaskTimeout': '1s', 'history.workflowTaskRetryMaxInterval': '1s' };

interface Server {
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** Starts a server that does not report failing workflow tasks in visibility. */
const developmentServer = async (): Promise<Server> => {
  const { kill, ...server } = await startDevServer({
    port: await freePort(),
    headless: true,
    searchAttributes,
    dynamicConfig: Object.fromEntries(Object.entries(FAILS_FAST).map(([key, value]) => [key, JSON.stringify(value)])),
  });
  return { ...server, close: kill };
};

/** Starts a server that reports failing workflow tasks in a search attribute. */
const productionServer = async (): Promise<Server> => {
  const postgres = await startPostgres();
  const server = await startProductionServer({ postgres, searchAttributes, headless: true, dynamicConfig: FAILS_FAST });
  const close = async () => {
    await server.kill();
    await postgres.stop();
  };
  return { ...server, close };
};

const SECTION = 'Onboardings whose workflow task keeps failing';
const [findCause, resetOne, resetByQuery, resetListed] = commands(SECTION);
const [, resetBuild] = commands('After a bad deploy');

describe.each([
  { kind: 'a server that reports problems', open: productionServer, resetStuck: resetByQuery },
  { kind: 'a server that does not report problems', open: developmentServer, resetStuck: resetListed },
])('an onboarding whose workflow task keeps failing on $kind', ({ open, resetStuck }) => {
  const people = personGenerator(29);
  const onboarded = new Map<string, Started>();
  let server: Server;
  let real: AroundServer;
  let shell: Shell;
  let gateway: RunningGateway;
  let worker: WorkerProcess;
  let cause: CommandResult;

  const idOf = (name: string): string => `onboarding-shop:${name}`;

  const start = async (name: string): Promise<void> => {
    onboarded.set(name, await real.begin(people(), `shop:${name}`));
  };

  const applicantOf = (name: string): Started => {
    const found = onboarded.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  };

  const doAndReport = async (name: string, checks: readonly CheckName[]): Promise<void> => {
    const one = applicantOf(name);
    const { token } = await real.client.registration(one.workflowId);
    await real.doAndReportApart({ ...one, applicant: real.applicantWith(one.person, token) }, ...checks);
  };

  /** Passes the pending checks, and returns the outcome. */
  const finish = async (name: string): Promise<string> => {
    await doAndReport(name, (await real.client.status(idOf(name))).pending);
    return (await real.client.result(idOf(name))).outcome;
  };

  /** The settings of a command. */
  const env = () => ({ TEMPORAL_ADDRESS: real.address, ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile });

  const run = (block?: string, variables: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
    runBlock(shell, 'shop:one', block, { ...env(), ...variables });

  const cli = (...args: string[]) => inPipes(args, env());

  const listStuck = async (): Promise<readonly string[]> => {
    const stuck: ListedOnboarding[] = [];
    for await (const one of real.client.list({ stuck: true })) stuck.push(one);
    return stuck.map(({ workflowId }) => workflowId).sort();
  };

  /** Finds the last workflow task before the event that the failure names, in the output of the documented command. */
  const lastGoodTask = (shown: string): { readonly eventId: string; readonly buildId: string } => {
    const [, named] = /HistoryEvent\(id: (\d+)/.exec(shown) ?? [];
    const tasks = [...shown.matchAll(/\[(\d+)\] WorkflowTaskCompleted .*\n(?:.*\n)*?.*buildId: (\S+)/g)];
    const [, eventId = '', buildId = ''] = tasks.filter(([, id]) => Number(id) < Number(named)).at(-1) ?? [];
    return { eventId, buildId };
  };

  beforeAll(async () => {
    server = await open();
    real = await openAround(server);
    shell = await openShell(server.address);
    gateway = await runGateway({ temporal: real.temporal, client: real.client });
    const [good, bundle] = await Promise.all([real.startWorker(), bundleBuild('bad-build')]);
    for (const name of ['one', 'two', 'three', 'untouched']) await start(name);
    await good.stop();
    const bad = await real.startWorker({ workflowBundle: bundle });
    for (const name of ['one', 'two', 'three']) await doAndReport(name, ['email', 'phone']);
    await bad.stop();
    worker = await real.startWorker();
    for (const name of ['one', 'two']) await real.doAndReport(applicantOf(name), 'document');
  });

  afterAll(async () => {
    await gateway?.close();
    await real?.close();
    await server?.close();
  });

  it('is counted by the gateway, and its failures by the documented metric of the worker', async () => {
    await expect.poll(() => countingBy(real.temporal).stuck()).toBe(2);
    const registry = new Registry();
    showCounts(registry, countingBy(real.temporal));
    await expect.poll(() => registry.metrics()).toContain('gateway_onboardings_stuck 2\n');
    const page = await (await fetch(worker.metricsUrl)).text();
    const [metric = 'none'] = DOCUMENT.match(/temporal_workflow_task_execution_failed\w*/) ?? [];
    const sample = `^${metric}{failure_reason="NonDeterminismError",.*workflow_type="onboarding"} \\d+$`;
    expect(page).toMatch(new RegExp(sample, 'm'));
  });

  it('is listed by the client, the gateway and the command line', async () => {
    expect(await listStuck()).toEqual([idOf('one'), idOf('two')]);
    const answer = read(ListCodec, await gateway.ask('GET /v1/onboardings?stuck=true'));
    expect(answer.onboardings.map(({ id }) => id).sort()).toEqual(['one', 'two']);
    expect(await gateway.ask('GET /v1/onboardings?stuck=maybe')).toMatchObject({ status: 422 });
    const table = await cli('list', '--stuck', '--status', 'validating');
    expect(table).toMatchObject({ exitCode: 0, stderr: '' });
    expect(table.stdout.match(/shop:\w+/g)?.sort()).toEqual(['shop:one', 'shop:two']);
    const { stdout } = await cli('list', '--stuck', '--reference', 'shop:two', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ workflowId: idOf('two'), execution: 'RUNNING' });
  });

  it('is reported by doctor with a reference to the document', async () => {
    const { exitCode, stdout } = await cli('doctor');
    expect(exitCode).toBe(EXITS.failed.code);
    expect(stdout).toMatch(
      /wrong +workflow tasks +the workflow tasks of 2 onboardings keep failing\n.*verifik-onboarding list --stuck/,
    );
    expect(stdout).toContain(SECTION);
  });

  it('continues after a reset to the last good workflow task, which the documented command finds', async () => {
    cause = await run(findCause);
    const { eventId: EVENT_ID } = lastGoodTask(cause.stdout);
    await run(resetOne, { EVENT_ID });
    expect(await finish('one')).toBe('verified');
    await expect.poll(listStuck).toEqual([idOf('two')]);
  });

  it('continues after a reset of all stuck onboardings to their first workflow task', async () => {
    await run(resetStuck);
    await expect.poll(listStuck).toEqual([]);
    expect(await finish('two')).toBe('verified');
  });

  it('does not get stuck if all onboardings of the bad build are reset, and is not registered again', async () => {
    const { registrationsCreated, registrationsRecreated } = await real.sandbox.control.ledger();
    const { buildId: BUILD_ID } = lastGoodTask(cause.stdout);
    const { runId } = await real.temporal.workflow.getHandle(idOf('three')).describe();
    await run(resetBuild, { BUILD_ID });
    await expect
      .poll(async () => (await real.temporal.workflow.getHandle(idOf('three')).describe()).runId)
      .not.toBe(runId);
    expect(await finish('three')).toBe('verified');
    expect(await finish('untouched')).toBe('verified');
    expect(await real.sandbox.control.ledger()).toMatchObject({ registrationsCreated, registrationsRecreated });
    expect((await cli('doctor')).stdout).toMatch(/ok +workflow tasks +no onboarding's workflow task keeps failing\n/);
  });
});
