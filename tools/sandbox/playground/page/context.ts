import type { LiveRegistration } from './gateway.js';
import { at, entriesAt, listAt, numberAt, textAt } from './json.js';
import { CHECKS, type CheckName } from './words.js';

export interface Store<A> {
  get(): A;
  set(value: A): void;
  /** Calls the listener now and on every change. */
  subscribe(listener: (value: A) => void): void;
}

export const createStore = <A>(initial: A): Store<A> => {
  let value = initial;
  const listeners: ((value: A) => void)[] = [];
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener(next);
    },
    subscribe: (listener) => {
      listeners.push(listener);
      listener(value);
    },
  };
};

export interface Person {
  readonly fullName: string;
  readonly email: string;
  readonly phone: string;
  readonly countryCode: string;
}

export interface Config {
  readonly gateway: boolean;
  readonly project: string;
  readonly projectFlow: string;
  readonly people: readonly Person[];
  readonly faultProfiles: readonly (readonly [string, unknown])[];
  readonly workflowUrl?: (id: string) => string;
  readonly codecServer?: string;
}

const readPerson = (one: unknown): Person => ({
  fullName: textAt(one, 'fullName') ?? '',
  email: textAt(one, 'email') ?? '',
  phone: textAt(one, 'phone') ?? '',
  countryCode: textAt(one, 'countryCode') ?? '',
});

export const readConfig = (body: unknown): Config => {
  const ui = textAt(body, 'temporalUi');
  const prefix = textAt(body, 'workflowIdPrefix');
  const namespace = textAt(body, 'namespace') ?? 'default';
  const codecServer = textAt(body, 'codecServer');
  return {
    gateway: at(body, 'gateway') === true,
    project: textAt(body, 'project') ?? '',
    projectFlow: textAt(body, 'projectFlow') ?? '',
    people: listAt(body, 'people').map(readPerson),
    faultProfiles: entriesAt(body, 'faultProfiles'),
    ...(ui === undefined || prefix === undefined
      ? {}
      : {
          workflowUrl: (id) =>
            `${ui.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(prefix + id)}`,
        }),
    ...(codecServer === undefined ? {} : { codecServer }),
  };
};

export interface Onboarding {
  readonly id: string;
  /** Absent until the gateway has returned a token. */
  readonly live?: LiveRegistration;
}

interface CheckProgress {
  readonly name: CheckName;
  readonly status: string;
  readonly failed?: number;
  readonly limit?: number;
}

export interface Progress {
  readonly over: boolean;
  readonly outcome?: string;
  readonly sentence: string;
  readonly awaitedFrom: string;
  readonly until?: number;
  readonly underReview: boolean;
  readonly checks: readonly CheckProgress[];
  readonly nextActions: readonly string[];
}

const readCheck = (snapshot: unknown, name: CheckName): CheckProgress => {
  const failed = numberAt(snapshot, 'checks', name, 'attempts', 'failed');
  const limit = numberAt(snapshot, 'checks', name, 'attempts', 'limit');
  return {
    name,
    status: textAt(snapshot, 'checks', name, 'status') ?? 'unknown',
    ...(failed === undefined || limit === undefined ? {} : { failed, limit }),
  };
};

export const readProgress = (snapshot: unknown): Progress => {
  const outcome = textAt(snapshot, 'decision', 'outcome');
  const until = numberAt(snapshot, 'awaiting', 'until');
  return {
    over: textAt(snapshot, 'phase') === 'ended',
    sentence: textAt(snapshot, 'decision', 'sentence') ?? textAt(snapshot, 'awaiting', 'what') ?? '',
    awaitedFrom: textAt(snapshot, 'awaiting', 'from') ?? '',
    underReview: textAt(snapshot, 'hold') === 'review',
    checks: CHECKS.map((name) => readCheck(snapshot, name)),
    nextActions: listAt(snapshot, 'nextActions').map((action) => textAt(action, 'sentence') ?? ''),
    ...(outcome === undefined ? {} : { outcome }),
    ...(until === undefined ? {} : { until }),
  };
};

export interface PageContext {
  readonly config: Config;
  readonly onboarding: Store<Onboarding | undefined>;
  readonly progress: Store<Progress | undefined>;
}
