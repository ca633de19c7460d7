import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { examineWorkers } from '../../cli/doctor/workers.js';
import { EXITS } from '../../cli/exit-codes.js';
import { OnboardingClient } from '../../client/index.js';
import { DEFAULT_TASK_QUEUE } from '../../contract/messages.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { inPipes } from '../cli/running.js';
import { CONTACT_KEY, runGateway } from '../gateway/running.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

/** Less than the 10 s for which the server waits for the worker that has the onboarding in its cache. */
const SOON_MS = 8_000;

const real = opened(() => openRealServers());

const start = async (id: string, seed: number): Promise<string> => {
  const [person] = inventPeople(seed, 1);
  if (person === undefined) throw new Error('the population is empty');
  // The gateway's tenant is `shop`.
  return (await real.client.start(real.request(person), { reference: `shop:${id}` })).workflowId;
};

beforeAll(async () => {
  const worker = await real.startWorker();
  await start('left-alone', 41);
  await worker.kill();
});

/** Requests a status through the gateway, whose calls have this timeout. */
const statusOverHttp = async (id: string, timeoutMs: number) => {
  const client = new OnboardingClient(real.temporal, { contactKey: CONTACT_KEY, timeoutMs });
  const gateway = await runGateway({ temporal: real.temporal, client });
  onTestFinished(() => gateway.close());
  return gateway.ask(`GET /v1/onboardings/${id}`);
};

const statusOnCommandLine = (id: string, timeoutS: number) =>
  inPipes(['status', '--reference', `shop:${id}`, '--timeout', String(timeoutS), '--json'], {
    TEMPORAL_ADDRESS: real.address,
    ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile,
    ONBOARDING_CONTACT_KEY: CONTACT_KEY,
  });

const examineAt = (now: number): Promise<string> =>
  examineWorkers(real.temporal, real.temporal.options.namespace, DEFAULT_TASK_QUEUE, now);

it('doctor says when a worker last asked for work, and no longer regards it as there after 75 s', async () => {
  const now = Date.now();
  expect(await examineAt(now)).toMatch(/^they poll the task queue .*, and last asked for work \d+ s ago$/);
  await expect(examineAt(now + 80_000)).rejects.toThrow(/^no worker polls .*: one last asked for work [89]\d s ago$/);
});

it('a call that no worker answers has an error of its own', async () => {
  const [overHttp, onCommandLine] = await Promise.all([
    statusOverHttp('left-alone', 5_000),
    statusOnCommandLine('left-alone', 5),
  ]);
  expect(overHttp).toMatchObject({ status: 503, body: { code: 'noWorker' } });
  expect(JSON.parse(onCommandLine.stderr)).toMatchObject({ error: { type: 'NoWorker' } });
  expect(onCommandLine.exitCode).toBe(EXITS.unavailable.code);
});

it('another worker answers within seconds for one that was killed', async () => {
  const worker = await real.startWorker();
  const workflowId = await start('taken-over', 42);
  await real.startWorker();
  await worker.kill();
  expect(await real.client.status(workflowId, { timeoutMs: SOON_MS })).toMatchObject({ phase: 'validating' });
});
