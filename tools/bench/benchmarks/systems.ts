import { randomUUID } from 'node:crypto';
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

/** A system that runs onboardings, as a service uses it over HTTP. */
export interface System {
  readonly name: string;
  /** Resolves when the registration and its token exist. */
  start(): Promise<Started>;
  /** Reports the four checks one after the other. */
  report(started: Started): Promise<void>;
  /** Returns the outcome, or undefined before the end. */
  outcome(started: Started): Promise<string | undefined>;
  /** Returns all its processes except PostgreSQL's. */
  readonly pids: () => readonly number[];
}

const StartedCodec = t.type({ id: t.string, appRegistrationId: t.string });
const OursCodec = t.partial({ decision: t.partial({ outcome: t.string }) });
const AlternativeCodec = t.partial({ outcome: t.union([t.string, t.null]) });

/** Sends a POST request with the body, or a GET request without one. */
const ask = async <A>(codec: t.Decoder<unknown, A>, url: string, body?: object, apiKey?: string): Promise<A> => {
  const response = await fetch(url, {
    headers: defined({
      authorization: apiKey && `Bearer ${apiKey}`,
      'content-type': body && 'application/json',
    }),
    ...defined({ method: body && 'POST', body: body && JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const decoded = codec.decode(answer);
  if (!response.ok || E.isLeft(decoded))
    throw new Error(`${new URL(url).pathname} returned status ${response.status} or an unexpected body`);
  return decoded.right;
};

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

const ours = async (servers: Servers): Promise<System> => {
  const { url, webhookUrl, keys, pid } = await startBenchGateway(servers);
  return {
    name: 'verifik-onboarding',
    start: () => {
      const request = { reference: randomUUID(), ...requestTo(servers.sandbox) };
      return ask(StartedCodec, `${url}/v1/onboardings`, request, keys.bench);
    },
    report: ({ appRegistrationId }) =>
      forEachCheck((check) => ask(t.unknown, webhookUrl, webhookOf(check, appRegistrationId))),
    outcome: async ({ id }) =>
      (await ask(OursCodec, `${url}/v1/onboardings/${id}`, undefined, keys.bench)).decision?.outcome,
    pids: () => [pid, servers.worker().pid, servers.server.pid()],
  };
};

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
      return ask(StartedCodec, onboardings, { reference: randomUUID(), ...request, ...contact });
    },
    report: ({ id }) =>
      forEachCheck((check) =>
        ask(t.unknown, `${onboardings}/${id}/validations/${check}`, { status: 'validated', validationId: newId() }),
      ),
    outcome: async ({ id }) => (await ask(AlternativeCodec, `${onboardings}/${id}`)).outcome ?? undefined,
    pids: () => running.pids(),
  };
};

/** Starts the gateway of this project and all alternatives. */
export const openSystems = async (servers: Servers): Promise<readonly System[]> => {
  const systems = [await ours(servers)];
  for (const name of ALTERNATIVES) systems.push(await alternative(name, servers));
  return systems;
};
