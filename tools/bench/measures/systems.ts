import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { somebody } from '../contenders.js';
import { PEERS, type PeerName, startPeer } from '../peers/index.js';
import { startBenchGateway } from '../setting/gateway.js';
import type { Servers } from '../setting/servers.js';

const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;

type Check = (typeof CHECKS)[number];

interface Started {
  readonly id: string;
  readonly appRegistrationId: string;
}

/** Something that carries out onboardings, as a service sees it: over HTTP. */
export interface System {
  readonly name: string;
  /** Answers when the registration is there, and the token with it. */
  start(): Promise<Started>;
  /** Tells of each of the four checks that it was done, one after the other. */
  report(started: Started): Promise<void>;
  /** The outcome, once there is one. */
  outcome(started: Started): Promise<string | undefined>;
  /** All its processes, but for PostgreSQL's. */
  readonly pids: () => readonly number[];
}

const StartedCodec = t.type({ id: t.string, appRegistrationId: t.string });
const OursCodec = t.partial({ decision: t.partial({ outcome: t.string }) });
const PeersCodec = t.partial({ outcome: t.union([t.string, t.null]) });

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
  if (!response.ok || E.isLeft(decoded)) throw new Error(`${new URL(url).pathname} was answered ${response.status}`);
  return decoded.right;
};

const inTurn = async (tell: (check: Check) => Promise<unknown>): Promise<void> => {
  for (const check of CHECKS) await tell(check);
};

/** What Verifik sends when a check is done. */
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
        ...{ reference: randomUUID(), project, projectFlow, contact: somebody(), fullName: 'Somebody New' },
      }),
    report: ({ appRegistrationId }) =>
      inTurn((check) => ask(t.unknown, webhookUrl, {}, webhookOf(check, appRegistrationId))),
    outcome: async ({ id }) => (await ask(OursCodec, `${url}/v1/onboardings/${id}`, headers)).decision?.outcome,
    pids: () => [pid, servers.worker().pid, servers.server.pid()],
  };
};

const peer = async (name: PeerName, servers: Servers): Promise<System> => {
  const { sandbox, server, opened, logFile } = servers;
  const { project, projectFlow } = sandbox;
  const databaseUrl = async (database: string): Promise<string> => {
    if (server.databaseUrl === undefined) throw new Error('peers are measured beside the production server alone');
    return server.databaseUrl(database);
  };
  const running = opened.add(
    await startPeer(name, { verifikBaseUrl: sandbox.url, clientToken: sandbox.clientToken, databaseUrl, logFile }),
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
          ...{ reference: randomUUID(), project, projectFlow, ...somebody(), fullName: 'Somebody New' },
        },
      ),
    report: ({ id }) =>
      inTurn((check) =>
        ask(
          t.unknown,
          at(`/${id}/validations/${check}`),
          {},
          {
            ...{ status: 'validated', validationId: randomUUID().replaceAll('-', '').slice(0, 24) },
          },
        ),
      ),
    outcome: async ({ id }) => (await ask(PeersCodec, at(`/${id}`), {})).outcome ?? undefined,
    pids: () => running.pids(),
  };
};

/** Ours and the peers, all of them running. */
export const openSystems = async (servers: Servers): Promise<readonly System[]> => {
  const systems = [await ours(servers)];
  for (const name of PEERS) systems.push(await peer(name, servers));
  return systems;
};
