import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { ALTERNATIVES, type AlternativeName, startAlternative } from '../alternatives/index.js';
import { nextContact } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import { startBenchGateway } from '../environment/servers.js';

const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;

type Check = (typeof CHECKS)[number];

interface Started {
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

const ask = async <A>(
  codec: t.Decoder<unknown, A>,
  url: string,
  headers: Record<string, string>,
  body?: object,
): Promise<A> => {
  const response = await fetch(
    url,
    body === undefined
      ? { headers }
      : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const answer: unknown = await response.json().catch(() => undefined);
  const decoded = codec.decode(answer);
  if (!response.ok || E.isLeft(decoded))
    throw new Error(`${new URL(url).pathname} returned status ${response.status} or an unexpected body`);
  return decoded.right;
};

const forEachCheck = async (report: (check: Check) => Promise<unknown>): Promise<void> => {
  for (const check of CHECKS) await report(check);
};

/** Creates the webhook that Verifik sends for a finished check. */
const webhookOf = (check: Check, appRegistration: string): object => ({
  type: `onboarding_${check}_validation_${check === 'document' ? 'created' : 'validated'}`,
  object: {
    _id: randomUUID().replaceAll('-', '').slice(0, 24),
    appRegistration,
    status: check === 'document' ? 'completed' : 'validated',
  },
});

const ours = async (servers: Servers): Promise<System> => {
  const { url, webhookUrl, keys, pid } = await startBenchGateway(servers);
  const headers = { authorization: `Bearer ${keys.bench}` };
  const { project, projectFlow } = servers.sandbox;
  return {
    name: 'verifik-onboarding',
    start: () =>
      ask(StartedCodec, `${url}/v1/onboardings`, headers, {
        ...{ reference: randomUUID(), project, projectFlow, contact: nextContact(), fullName: 'Applicant Example' },
      }),
    report: ({ appRegistrationId }) =>
      forEachCheck((check) => ask(t.unknown, webhookUrl, {}, webhookOf(check, appRegistrationId))),
    outcome: async ({ id }) => (await ask(OursCodec, `${url}/v1/onboardings/${id}`, headers)).decision?.outcome,
    pids: () => [pid, servers.worker().pid, servers.server.pid()],
  };
};

const alternative = async (name: AlternativeName, servers: Servers): Promise<System> => {
  const { sandbox, server, opened, logFile } = servers;
  const { project, projectFlow } = sandbox;
  const databaseUrl = async (database: string): Promise<string> => {
    if (server.databaseUrl === undefined)
      throw new Error('alternatives can be measured with the production server only');
    return server.databaseUrl(database);
  };
  const running = opened.add(
    await startAlternative(name, {
      verifikBaseUrl: sandbox.url,
      clientToken: sandbox.clientToken,
      databaseUrl,
      logFile,
    }),
  );
  const at = (path: string): string => `${running.url}/onboardings${path}`;
  return {
    name,
    start: () =>
      ask(
        StartedCodec,
        at(''),
        {},
        {
          ...{ reference: randomUUID(), project, projectFlow, ...nextContact(), fullName: 'Applicant Example' },
        },
      ),
    report: ({ id }) =>
      forEachCheck((check) =>
        ask(
          t.unknown,
          at(`/${id}/validations/${check}`),
          {},
          {
            ...{ status: 'validated', validationId: randomUUID().replaceAll('-', '').slice(0, 24) },
          },
        ),
      ),
    outcome: async ({ id }) => (await ask(AlternativeCodec, at(`/${id}`), {})).outcome ?? undefined,
    pids: () => running.pids(),
  };
};

/** Starts the gateway of this project and all alternatives. */
export const openSystems = async (servers: Servers): Promise<readonly System[]> => {
  const systems = [await ours(servers)];
  for (const name of ALTERNATIVES) systems.push(await alternative(name, servers));
  return systems;
};
