import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { freePort } from '../../servers/index.js';
import { requestTo } from '../candidates.js';
import { type Servers, startBenchGateway } from '../environment/servers.js';
import type { Figures } from '../results.js';
import { ratiosOf, spreadOf, timed } from '../rounds.js';

const CONNECTIONS = 20;
const POLL_INTERVAL_MS = 100;

/** Three of the four checks, so that the onboardings do not end. */
const SUFFIXES = [
  'email_validation_validated',
  'phone_validation_validated',
  'biometric_validation_validated',
] as const;

const send = async (url: string, body: string): Promise<void> => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the status of a webhook was ${response.status}`);
};

const sendAll = async (url: string, bodies: readonly string[]): Promise<number> => {
  const { ms } = await timed(() => pMap(bodies, (body) => send(url, body), { concurrency: CONNECTIONS }));
  return (bodies.length / ms) * 1_000;
};

const startBareFastify = async ({ logFile, opened }: Servers): Promise<string> => {
  const [port, secret] = [await freePort(), randomUUID()];
  opened.add(
    await startNodeProcess('tools/bench/baseline/http-server.js', [String(port), secret], {
      env: { NODE_ENV: 'production' },
      logFile,
      isReady: () => answersWell(`http://127.0.0.1:${port}/readyz`),
    }),
  );
  return `http://127.0.0.1:${port}/webhooks/verifik/${secret}`;
};

const FINDABLE = 'WorkflowType = "onboarding" AND ExecutionStatus = "Running" AND OnboardingGeneration = 1';

/** Starts onboardings, and waits until visibility lists them: webhooks would wait for that otherwise. */
const startFindable = async ({ client, sandbox, temporal }: Servers, onboardings: number) => {
  const found = async () => (await temporal.workflow.count(FINDABLE)).count;
  const before = await found();
  const started = await pMap(
    Array.from({ length: onboardings }),
    () => client.start(requestTo(sandbox), { reference: randomUUID() }),
    { concurrency: CONNECTIONS },
  );
  while ((await found()) < before + onboardings) await pause(POLL_INTERVAL_MS);
  return started;
};

/** Starts onboardings, and creates the webhooks of three checks of each. */
const newWebhooks = async (servers: Servers, onboardings: number): Promise<readonly string[]> => {
  const started = await startFindable(servers, onboardings);
  return SUFFIXES.flatMap((suffix) =>
    started.map(({ appRegistrationId }, index) =>
      JSON.stringify({
        type: `onboarding_${suffix}`,
        object: {
          _id: `${Date.now().toString(16)}${index.toString(16)}`.padStart(24, '0'),
          appRegistration: appRegistrationId,
          status: 'validated',
        },
      }),
    ),
  );
};

/** Measures the rate of new webhooks, of repeated ones, and of Fastify without any processing. */
export const measureWebhooks = async (
  servers: Servers,
  rounds: number,
  onboardings: number,
): Promise<Figures<'webhooks'>> => {
  const { webhookUrl } = await startBenchGateway(servers);
  const bareUrl = await startBareFastify(servers);
  const [fresh, repeated, bareFastify]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const bodies = await newWebhooks(servers, onboardings);
    bareFastify.push(await sendAll(bareUrl, bodies));
    fresh.push(await sendAll(webhookUrl, bodies));
    repeated.push(await sendAll(webhookUrl, bodies));
  }
  return {
    connections: CONNECTIONS,
    new: spreadOf(fresh),
    repeated: spreadOf(repeated),
    bareFastify: spreadOf(bareFastify),
    ratio: ratiosOf(fresh, bareFastify),
    repeatedRatio: ratiosOf(repeated, bareFastify),
  };
};
