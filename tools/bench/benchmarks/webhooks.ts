import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { freePort } from '../../servers/index.js';
import { requestTo } from '../candidates.js';
import { type Servers, startBenchGateway } from '../environment/servers.js';
import type { Figures } from '../results.js';
import { ratiosOf, spreadOf, timed } from '../rounds.js';

const CONNECTIONS = 20;

type Gateway = Awaited<ReturnType<typeof startBenchGateway>>;

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

const StartedCodec = t.type({ appRegistrationId: t.string });

/** Starts an onboarding through the gateway, which therefore knows where its webhooks belong. */
const start = async ({ url, keys }: Gateway, { sandbox }: Servers): Promise<string> => {
  const response = await fetch(`${url}/v1/onboardings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.bench}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reference: randomUUID(), ...requestTo(sandbox) }),
  });
  const started = StartedCodec.decode(await response.json());
  if (E.isLeft(started)) throw new Error(`a start returned status ${response.status}`);
  return started.right.appRegistrationId;
};

/** Starts onboardings, and creates the webhooks of three checks of each. */
const newWebhooks = async (gateway: Gateway, servers: Servers, onboardings: number): Promise<readonly string[]> => {
  const started = await pMap(Array.from({ length: onboardings }), () => start(gateway, servers), {
    concurrency: CONNECTIONS,
  });
  return SUFFIXES.flatMap((suffix) =>
    started.map((appRegistrationId, index) =>
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

/** Sends as many signals to minimal workflows as onboardings get webhooks, and returns the rate. */
const signalBaselines = async ({ baseline }: Servers, count: number): Promise<number> => {
  const started = await pMap(Array.from({ length: count }), () => baseline.start(), { concurrency: CONNECTIONS });
  const signals = SUFFIXES.flatMap(() => started);
  const { ms } = await timed(() => pMap(signals, (running) => running.signal(), { concurrency: CONNECTIONS }));
  return (signals.length / ms) * 1_000;
};

/** Measures the rate of new webhooks, of repeated ones, of signals, and of Fastify without any processing. */
export const measureWebhooks = async (
  servers: Servers,
  rounds: number,
  onboardings: number,
): Promise<Figures<'webhooks'>> => {
  const gateway = await startBenchGateway(servers);
  const bareUrl = await startBareFastify(servers);
  const rates = { new: [] as number[], repeated: [] as number[], signals: [] as number[], bareFastify: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const bodies = await newWebhooks(gateway, servers, onboardings);
    rates.bareFastify.push(await sendAll(bareUrl, bodies));
    rates.new.push(await sendAll(gateway.webhookUrl, bodies));
    rates.repeated.push(await sendAll(gateway.webhookUrl, bodies));
    rates.signals.push(await signalBaselines(servers, onboardings));
  }
  return {
    connections: CONNECTIONS,
    new: spreadOf(rates.new),
    repeated: spreadOf(rates.repeated),
    signals: spreadOf(rates.signals),
    bareFastify: spreadOf(rates.bareFastify),
    newRatio: ratiosOf(rates.new, rates.signals),
    repeatedRatio: ratiosOf(rates.repeated, rates.bareFastify),
  };
};
