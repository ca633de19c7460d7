import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { problems } from './decoding.js';
import type { Fault } from './faults/faults.js';
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
import type { PopulationOptions } from './population/population-plan.js';
import { RecordCodec, type RegistrationRecord } from './records.js';
import type { Outcomes } from './rules/outcomes.js';
import { type Settings, SettingsCodec } from './settings.js';
import type { OutboxFilter } from './webhooks/outbox.js';

const Ids = t.readonlyArray(t.string);
const PopulatedCodec = t.readonly(
  t.type({
    count: t.number,
    drifted: t.readonly(t.type({ failed: Ids, expired: Ids, unknownWord: Ids, forgotten: Ids })),
  }),
);

const StatusCodec = t.readonly(
  t.type({
    _id: t.string,
    email: t.union([t.string, t.null]),
    status: t.string,
    /** Validation statuses by check. A check without a validation is absent. */
    checks: t.readonly(t.partial({ email: t.string, phone: t.string, document: t.string, biometric: t.string })),
  }),
);

/** The status of a registration and its validations at the vendor. */
export type RegistrationStatus = t.TypeOf<typeof StatusCodec>;

/** A created population, with the ids of the registrations that have drifted. */
export type Populated = t.TypeOf<typeof PopulatedCodec>;

/**
 * A typed client for the controls of a sandbox in this or another process. Calls reject with the sandbox's error
 * message.
 */
export interface SandboxControl {
  /** Changes some settings. Returns all. */
  settings(change?: Partial<Settings>): Promise<Settings>;
  faults(faults: readonly Fault[]): Promise<void>;
  ledger(): Promise<LedgerSnapshot>;
  /** Returns the ledger without its entries per registration. Cheap for large populations. */
  totals(): Promise<LedgerTotals>;
  /** Returns the registrations with an operation that happened more than `moreThan` times. Default 1. */
  repeated(moreThan?: number): Promise<Repeated>;
  resetBusiest(): Promise<void>;
  /** Adds registrations that were verified in the past. The ledger does not count them. */
  population(options: PopulationOptions): Promise<Populated>;
  /** Returns the ids of all registrations ever created, oldest first, including forgotten ones. */
  ids(): Promise<readonly string[]>;
  /** Returns the statuses of all registrations that exist. */
  statuses(): Promise<readonly RegistrationStatus[]>;
  /** Returns all registrations that exist, with their validations, failures and scores. */
  records(): Promise<readonly RegistrationRecord[]>;
  /** Returns the first 100,000 requests, oldest first. */
  requests(): Promise<readonly LoggedRequest[]>;
  /** Returns the messages that match all fields of the filter, oldest first. */
  outbox(filter?: OutboxFilter): Promise<readonly Message[]>;
  /** Advances the clock for the expiry of tokens and codes. Returns the new time in ms since the Unix epoch. */
  advanceClock(advanceMs: number): Promise<number>;
  clientToken(lifetimeMs?: number): Promise<string>;
  force(appRegistrationId: string, outcomes: Outcomes): Promise<void>;
  setStatus(appRegistrationId: string, status: string): Promise<void>;
  /** Sets any status as a person at Verifik, with an entry in the log of reviews and the webhook of the status. */
  override(appRegistrationId: string, status: string, note?: string): Promise<void>;
  /** Deletes the comparisons that are older than this, as Verifik does. Default 90 days. */
  deleteComparisons(olderThanDays?: number): Promise<void>;
  forget(appRegistrationId: string): Promise<void>;
  /** Decides as a reviewer at Verifik. A later sync completes an approved registration. */
  resolve(appRegistrationId: string, decision: 'approve' | 'reject'): Promise<void>;
  /** Sends the webhooks that wait to be shuffled. */
  flushWebhooks(): Promise<void>;
}

const Done = t.type({});

export const createControl = (url: string): SandboxControl => {
  const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${await response.text()}`);
    return response;
  };
  const call = async <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body?: unknown): Promise<A> => {
    const decoded = codec.decode(await (await send(method, path, body)).json());
    if (E.isLeft(decoded)) throw new Error(`Unexpected response to ${method} ${path}. ${problems(decoded.left)}`);
    return decoded.right;
  };
  const command = async (method: string, path: string, body: unknown): Promise<void> => {
    await call(Done, method, path, body);
  };
  return {
    settings: (change = {}) => call(SettingsCodec, 'PATCH', '/settings', change),
    faults: (faults) => command('PUT', '/faults', faults),
    ledger: () => call(LedgerCodec, 'GET', '/ledger'),
    totals: () => call(TotalsCodec, 'GET', '/ledger/totals'),
    repeated: (moreThan = 1) => call(RepeatedCodec, 'GET', `/ledger/repeated?moreThan=${moreThan}`),
    resetBusiest: () => command('DELETE', '/ledger/busiest', undefined),
    population: (options) => call(PopulatedCodec, 'POST', '/population', options),
    ids: async () => (await (await send('GET', '/ids')).text()).split('\n').filter((id) => id !== ''),
    statuses: () => call(t.array(StatusCodec), 'GET', '/registrations/statuses'),
    records: () => call(t.array(RecordCodec), 'GET', '/registrations/records'),
    requests: () => call(t.array(RequestCodec), 'GET', '/requests'),
    outbox: (filter = {}) => call(t.array(MessageCodec), 'GET', `/outbox?${new URLSearchParams({ ...filter })}`),
    advanceClock: async (advanceMs) => (await call(t.type({ now: t.number }), 'POST', '/clock', { advanceMs })).now,
    clientToken: async (lifetimeMs) => {
      const body = lifetimeMs === undefined ? {} : { lifetimeMs };
      return (await call(t.type({ token: t.string }), 'POST', '/client-token', body)).token;
    },
    force: (id, outcomes) => command('PUT', `/registrations/${id}/outcomes`, outcomes),
    setStatus: (id, status) => command('PUT', `/registrations/${id}/status`, { status }),
    override: (id, status, note) =>
      command('POST', `/registrations/${id}/override`, { status, ...(note === undefined ? {} : { note }) }),
    deleteComparisons: (olderThanDays = 90) => command('POST', '/comparisons/delete', { olderThanDays }),
    forget: (id) => command('POST', `/registrations/${id}/forget`, {}),
    resolve: (id, decision) => command('POST', `/registrations/${id}/resolve`, { decision }),
    flushWebhooks: () => command('POST', '/webhooks/flush', {}),
  };
};
