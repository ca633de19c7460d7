import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { problems } from './decoding.js';
import type { Fault } from './faults.js';
import {
  LedgerCodec,
  type LedgerSnapshot,
  type LedgerTotals,
  type LoggedRequest,
  type Repeated,
  RepeatedCodec,
  RequestCodec,
  TotalsCodec,
} from './ledger.js';
import { type Message, MessageCodec } from './model.js';
import type { OutboxFilter } from './outbox.js';
import type { Outcomes } from './outcomes.js';
import type { PopulationOptions } from './population-plan.js';
import { type Settings, SettingsCodec } from './settings.js';

const Ids = t.readonlyArray(t.string);
const PopulatedCodec = t.readonly(
  t.type({
    count: t.number,
    drifted: t.readonly(t.type({ failed: Ids, expired: Ids, unknownWord: Ids, forgotten: Ids })),
  }),
);

const StandingCodec = t.readonly(
  t.type({
    _id: t.string,
    email: t.union([t.string, t.null]),
    /** The registration's own status word. */
    status: t.string,
    /** By the kind of check, the status word of its validation; a check without one has not been done. */
    checks: t.readonly(t.partial({ email: t.string, phone: t.string, document: t.string, biometric: t.string })),
  }),
);

/** Where a registration stands at the vendor. */
export type RegistrationStanding = t.TypeOf<typeof StandingCodec>;

/** What a population has become: how many there are, and the ids of those who drift. */
export type Populated = t.TypeOf<typeof PopulatedCodec>;

/** Speaks to a sandbox's controls, in this process or another. Every call rejects with the sandbox's words where it is refused. */
export interface SandboxControl {
  /** Changes some settings. Answers with all of them. */
  settings(change?: Partial<Settings>): Promise<Settings>;
  /** Replaces the faults that are on. */
  faults(faults: readonly Fault[]): Promise<void>;
  ledger(): Promise<LedgerSnapshot>;
  /** The ledger without what it holds of each registration: to be asked again and again where there are many. */
  totals(): Promise<LedgerTotals>;
  /** What was done to a registration more than so many times. Default 1: whatever was done twice. */
  repeated(moreThan?: number): Promise<Repeated>;
  /** The ledger's `busiest` begins anew: no call from before counts any more. */
  resetBusiest(): Promise<void>;
  /** Adds many registrations that came in and were verified in the past. The ledger counts none of them. */
  population(options: PopulationOptions): Promise<Populated>;
  /** The id of every registration that there has ever been, the oldest first: also of those that are gone. */
  ids(): Promise<readonly string[]>;
  /** Where every registration stands that is not gone. */
  standings(): Promise<readonly RegistrationStanding[]>;
  /** Every request that came in, the oldest first: the first 100,000. */
  requests(): Promise<readonly LoggedRequest[]>;
  /** The messages that meet every part of the filter, the oldest first. */
  outbox(filter?: OutboxFilter): Promise<readonly Message[]>;
  /** Moves the sandbox's clock, by which tokens and codes run out. Answers with its time, in ms since the Unix epoch. */
  advanceClock(advanceMs: number): Promise<number>;
  clientToken(lifetimeMs?: number): Promise<string>;
  /** Replaces the outcomes that are forced for a registration. */
  force(appRegistrationId: string, outcomes: Outcomes): Promise<void>;
  /** Gives a registration any status word. */
  setStatus(appRegistrationId: string, status: string): Promise<void>;
  forget(appRegistrationId: string): Promise<void>;
  /** People at the vendor decide; a later sync moves an approved registration on. */
  resolve(appRegistrationId: string, decision: 'approve' | 'reject'): Promise<void>;
  /** Sends the webhooks that are held back to be shuffled. */
  flushWebhooks(): Promise<void>;
}

const Done = t.type({});

/** The controls of the sandbox at the address. */
export const createControl = (url: string): SandboxControl => {
  const ask = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${await response.text()}`);
    return response;
  };
  const call = async <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body?: unknown): Promise<A> => {
    const decoded = codec.decode(await (await ask(method, path, body)).json());
    if (E.isLeft(decoded)) throw new Error(`No sandbox answers ${method} ${path} so. ${problems(decoded.left)}`);
    return decoded.right;
  };
  const tell = async (method: string, path: string, body: unknown): Promise<void> => {
    await call(Done, method, path, body);
  };
  return {
    settings: (change = {}) => call(SettingsCodec, 'PATCH', '/settings', change),
    faults: (faults) => tell('PUT', '/faults', faults),
    ledger: () => call(LedgerCodec, 'GET', '/ledger'),
    totals: () => call(TotalsCodec, 'GET', '/ledger/totals'),
    repeated: (moreThan = 1) => call(RepeatedCodec, 'GET', `/ledger/repeated?moreThan=${moreThan}`),
    resetBusiest: () => tell('DELETE', '/ledger/busiest', undefined),
    population: (options) => call(PopulatedCodec, 'POST', '/population', options),
    ids: async () => (await (await ask('GET', '/ids')).text()).split('\n').filter((id) => id !== ''),
    standings: () => call(t.array(StandingCodec), 'GET', '/registrations/standings'),
    requests: () => call(t.array(RequestCodec), 'GET', '/requests'),
    outbox: (filter = {}) => call(t.array(MessageCodec), 'GET', `/outbox?${new URLSearchParams({ ...filter })}`),
    advanceClock: async (advanceMs) => (await call(t.type({ now: t.number }), 'POST', '/clock', { advanceMs })).now,
    clientToken: async (lifetimeMs) => {
      const body = lifetimeMs === undefined ? {} : { lifetimeMs };
      return (await call(t.type({ token: t.string }), 'POST', '/client-token', body)).token;
    },
    force: (id, outcomes) => tell('PUT', `/registrations/${id}/outcomes`, outcomes),
    setStatus: (id, status) => tell('PUT', `/registrations/${id}/status`, { status }),
    forget: (id) => tell('POST', `/registrations/${id}/forget`, {}),
    resolve: (id, decision) => tell('POST', `/registrations/${id}/resolve`, { decision }),
    flushWebhooks: () => tell('POST', '/webhooks/flush', {}),
  };
};
