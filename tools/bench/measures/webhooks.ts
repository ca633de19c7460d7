import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { freePort } from '../../servers/index.js';
import { requestTo } from '../contenders.js';
import type { Webhooks } from '../results.js';
import { startBenchGateway } from '../setting/gateway.js';
import type { Servers } from '../setting/servers.js';
import { ratiosOf, spreadOf } from '../statistics.js';

const CONNECTIONS = 20;
const LOOK_AGAIN_MS = 100;

/** One of each check, of which none settles the onboarding alone. */
const SUFFIXES = [
  'email_validation_validated',
  'phone_validation_validated',
  'biometric_validation_validated',
] as const;

const send = async (url: string, body: string): Promise<void> => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`a webhook was answered ${response.status}`);
};

const sendAll = async (url: string, bodies: readonly string[]): Promise<number> => {
  const began = performance.now();
  await pMap(bodies, (body) => send(url, body), { concurrency: CONNECTIONS });
  return (bodies.length / (performance.now() - began)) * 1_000;
};

const startBareFastify = async ({ logFile, opened }: Servers): Promise<string> => {
  const [port, secret] = [await freePort(), randomUUID()];
  opened.add(
    await startNodeProcess('tools/bench/floor/http-server.js', [String(port), secret], {
      env: { NODE_ENV: 'production' },
      logFile,
      isReady: () => answersWell(`http://127.0.0.1:${port}/readyz`),
    }),
  );
  return `http://127.0.0.1:${port}/webhooks/verifik/${secret}`;
};

const FINDABLE = 'WorkflowType = "onboarding" AND ExecutionStatus = "Running" AND OnboardingGeneration = 1';

/** Starts so many, and answers when all of them can be found: else what is measured is how webhooks wait for that. */
const startFindable = async ({ client, sandbox, temporal }: Servers, onboardings: number) => {
  const found = async () => (await temporal.workflow.count(FINDABLE)).count;
  const before = await found();
  const started = await pMap(
    Array.from({ length: onboardings }),
    () => client.start(requestTo(sandbox), { reference: randomUUID() }),
    { concurrency: CONNECTIONS },
  );
  while ((await found()) < before + onboardings) await pause(LOOK_AGAIN_MS);
  return started;
};

/** What the vendor sends of three checks of each of so many onboardings that have just begun. */
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

/** Webhooks that move an onboarding, repeats of them, and what Fastify does where nothing has to be done. */
export const measureWebhooks = async (servers: Servers, rounds: number, onboardings: number): Promise<Webhooks> => {
  const { webhookUrl } = await startBenchGateway(servers);
  const bareUrl = await startBareFastify(servers);
  const rates: { readonly new: number[]; readonly repeated: number[]; readonly bareFastify: number[] } = {
    new: [],
    repeated: [],
    bareFastify: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    const bodies = await newWebhooks(servers, onboardings);
    rates.bareFastify.push(await sendAll(bareUrl, bodies));
    rates.new.push(await sendAll(webhookUrl, bodies));
    rates.repeated.push(await sendAll(webhookUrl, bodies));
  }
  return {
    connections: CONNECTIONS,
    new: spreadOf(rates.new),
    repeated: spreadOf(rates.repeated),
    bareFastify: spreadOf(rates.bareFastify),
    ratio: ratiosOf(rates.new, rates.bareFastify),
    repeatedRatio: ratiosOf(rates.repeated, rates.bareFastify),
  };
};
