import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { CHECK_NAMES, type CheckName } from '../../../domain/checks.js';
import { defined } from '../../../shared/defined.js';
import { ALTERNATIVES, type AlternativeName, startAlternative } from '../alternatives/index.js';
import { requestTo } from '../candidates.js';
import { type Servers, startBenchGateway } from '../environment/servers.js';

export interface Started {
  readonly id: string;
  readonly appRegistrationId: string;
}

/** A system that runs onboardings, as a service uses it. */
export interface System {
  readonly name: string;
  /** Resolves when the registration and its token exist. */
  start(): Promise<Started>;
  /** Reports the four checks one after the other. */
  report(started: Started): Promise<void>;
  /** Resolves to the outcome. A system that cannot wait is asked again after each interval, in ms. */
  outcome(started: Started, pollIntervalMs: number): Promise<string>;
  /** Returns all its processes except PostgreSQL's, by name. */
  readonly processes: () => Readonly<Record<string, number>>;
}

const StartedCodec = t.type({ id: t.string, appRegistrationId: t.string });
const ResultCodec = t.type({ outcome: t.string });
const AlternativeCodec = t.partial({ outcome: t.union([t.string, t.null]) });

const HTTP_UNAVAILABLE = 503;

/** As Verifik does, a caller repeats what a busy system could not take. */
const REPEAT_AFTER_MS = 1_000;

interface Call {
  readonly url: string;
  readonly apiKey?: string;
  /** Without a body, the call is a GET request. */
  readonly body?: object;
}

const send = async ({ url, apiKey, body }: Call): Promise<Response> => {
  const response = await fetch(url, {
    headers: defined({
      authorization: apiKey && `Bearer ${apiKey}`,
      'content-type': body && 'application/json',
    }),
    ...defined({ method: body && 'POST', body: body && JSON.stringify(body) }),
  });
  if (response.status !== HTTP_UNAVAILABLE) return response;
  await response.arrayBuffer();
  await pause(REPEAT_AFTER_MS);
  return send({ url, ...defined({ apiKey, body }) });
};

const decoded = async <A>(codec: t.Decoder<unknown, A>, response: Response): Promise<A> => {
  const answer = codec.decode(await response.json().catch(() => undefined));
  if (!response.ok || E.isLeft(answer))
    throw new Error(`${new URL(response.url).pathname} returned status ${response.status} or an unexpected body`);
  return answer.right;
};

const ask = async <A>(codec: t.Decoder<unknown, A>, call: Call): Promise<A> => decoded(codec, await send(call));

const newId = (): string => randomUUID().replaceAll('-', '').slice(0, 24);

const forEachCheck = async (report: (check: CheckName) => Promise<unknown>): Promise<void> => {
  for (const check of CHECK_NAMES) await report(check);
};

/** Creates the webhook that Verifik sends for a finished check. */
const webhookOf = (check: CheckName, appRegistration: string): object => ({
  type: `onboarding_${check}_validation_${check === 'document' ? 'created' : 'validated'}`,
  object: {
    _id: newId(),
    appRegistration,
    status: check === 'document' ? 'completed' : 'validated',
  },
});

const overHttp = async (servers: Servers): Promise<System> => {
  const { url, webhookUrl, keys, pid } = await startBenchGateway(servers);
  const apiKey = keys.bench;
  return {
    name: 'verifik-onboarding',
    start: () => {
      const body = { reference: randomUUID(), ...requestTo(servers.sandbox) };
      return ask(StartedCodec, { url: `${url}/v1/onboardings`, apiKey, body });
    },
    report: ({ appRegistrationId }) =>
      forEachCheck((check) => ask(t.unknown, { url: webhookUrl, body: webhookOf(check, appRegistrationId) })),
    outcome: async ({ id }) =>
      (await ask(ResultCodec, { url: `${url}/v1/onboardings/${id}/result?wait=30`, apiKey })).outcome,
    processes: () => ({ gateway: pid, worker: servers.worker().pid, 'Temporal server': servers.server.pid() }),
  };
};

const byClient = ({ client, sandbox, worker, server }: Servers): System => ({
  name: 'verifik-onboarding, by its client',
  start: async () => {
    const { workflowId, appRegistrationId } = await client.start(requestTo(sandbox), { reference: randomUUID() });
    return { id: workflowId, appRegistrationId };
  },
  report: ({ id }) => forEachCheck((check) => client.signalValidation(id, check, { status: 'validated' })),
  outcome: async ({ id }) => (await client.result(id)).outcome,
  processes: () => ({ worker: worker().pid, 'Temporal server': server.pid() }),
});

const alternative = async (name: AlternativeName, servers: Servers): Promise<System> => {
  const { sandbox, server, opened, logFile } = servers;
  const databaseUrl = async (database: string): Promise<string> => {
    if (server.databaseUrl === undefined)
      throw new Error('alternatives can be measured with the production server only');
    return server.databaseUrl(database);
  };
  const { url: verifikBaseUrl, clientToken } = sandbox;
  const running = opened.add(await startAlternative(name, { verifikBaseUrl, clientToken, databaseUrl, logFile }));
  const onboardings = `${running.url}/onboardings`;
  return {
    name,
    start: () => {
      const { contact, ...request } = requestTo(sandbox);
      return ask(StartedCodec, { url: onboardings, body: { reference: randomUUID(), ...request, ...contact } });
    },
    report: ({ id }) =>
      forEachCheck((check) =>
        ask(t.unknown, {
          url: `${onboardings}/${id}/validations/${check}`,
          body: { status: 'validated', validationId: newId() },
        }),
      ),
    outcome: async ({ id }, pollIntervalMs) => {
      for (;;) {
        const { outcome } = await ask(AlternativeCodec, { url: `${onboardings}/${id}` });
        if (outcome) return outcome;
        await pause(pollIntervalMs);
      }
    },
    processes: () => Object.fromEntries(running.pids().map((pid, index) => [`process ${index + 1}`, pid])),
  };
};

/** Starts the gateway of this project and all alternatives. The client is compared, too. */
export const openSystems = async (servers: Servers): Promise<readonly System[]> => {
  const systems = [await overHttp(servers), byClient(servers)];
  for (const name of ALTERNATIVES) systems.push(await alternative(name, servers));
  return systems;
};
