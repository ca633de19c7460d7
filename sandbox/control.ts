import type { Fault } from './faults.js';
import type { LedgerSnapshot, LoggedRequest } from './ledger.js';
import type { Message } from './model.js';
import type { Outcomes } from './outcomes.js';
import type { Settings } from './settings.js';

/** Speaks to a sandbox's controls, in this process or another. Its answers are the sandbox's own and are taken as they come. */
export interface SandboxControl {
  settings(change?: Partial<Settings>): Promise<Settings>;
  /** Replaces the faults that are on. */
  faults(faults: readonly Fault[]): Promise<void>;
  ledger(): Promise<LedgerSnapshot>;
  requests(): Promise<readonly LoggedRequest[]>;
  outbox(filter?: { readonly to?: string; readonly appRegistrationId?: string }): Promise<readonly Message[]>;
  /** Moves the sandbox's clock, by which tokens and codes run out. Answers with its time, in ms since the Unix epoch. */
  advanceClock(advanceMs: number): Promise<number>;
  clientToken(lifetimeMs?: number): Promise<string>;
  force(appRegistrationId: string, outcomes: Outcomes): Promise<void>;
  setStatus(appRegistrationId: string, status: string): Promise<void>;
  forget(appRegistrationId: string): Promise<void>;
  resolve(appRegistrationId: string, decision: 'approve' | 'reject'): Promise<void>;
  flushWebhooks(): Promise<void>;
}

export const createControl = (url: string): SandboxControl => {
  const call = async <A>(method: string, path: string, body?: unknown): Promise<A> => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${await response.text()}`);
    return response.json() as Promise<A>;
  };
  return {
    settings: (change = {}) => call('PATCH', '/settings', change),
    faults: (faults) => call('PUT', '/faults', faults),
    ledger: () => call('GET', '/ledger'),
    requests: () => call('GET', '/requests'),
    outbox: (filter = {}) => call('GET', `/outbox?${new URLSearchParams({ ...filter })}`),
    advanceClock: async (advanceMs) => (await call<{ now: number }>('POST', '/clock', { advanceMs })).now,
    clientToken: async (lifetimeMs) =>
      (await call<{ token: string }>('POST', '/client-token', lifetimeMs === undefined ? {} : { lifetimeMs })).token,
    force: (id, outcomes) => call('PUT', `/registrations/${id}/outcomes`, outcomes),
    setStatus: (id, status) => call('PUT', `/registrations/${id}/status`, { status }),
    forget: (id) => call('POST', `/registrations/${id}/forget`, {}),
    resolve: (id, decision) => call('POST', `/registrations/${id}/resolve`, { decision }),
    flushWebhooks: () => call('POST', '/webhooks/flush', {}),
  };
};
