import type { LiveRegistration } from './gateway.js';
import { at, entriesAt, listAt, numberAt, textAt, textsAt } from './json.js';
import { CHECKS } from './words.js';

export const createStore = <A>(initial: A) => {
  let value = initial;
  const listeners: ((value: A) => void)[] = [];
  return {
    get: (): A => value,
    set: (next: A): void => {
      value = next;
      for (const listener of listeners) listener(next);
    },
    /** Calls the listener now and on every change. */
    subscribe: (listener: (value: A) => void): void => {
      listeners.push(listener);
      listener(value);
    },
  };
};

type Store<A> = ReturnType<typeof createStore<A>>;

/** Reads the page's configuration. */
export const readConfig = (body: unknown) => {
  const [ui, prefix] = [textAt(body, 'temporalUi'), textAt(body, 'workflowIdPrefix')];
  const namespace = encodeURIComponent(textAt(body, 'namespace') ?? 'default');
  return {
    gateway: at(body, 'gateway') === true,
    project: textAt(body, 'project'),
    projectFlow: textAt(body, 'projectFlow'),
    people: listAt(body, 'people'),
    faultProfiles: entriesAt(body, 'faultProfiles'),
    /** Returns the sentence of a reason's code. */
    reviewReason: (code: string): string => textAt(body, 'reviewReasons', code) ?? `${code}.`,
    workflowUrl: (id: string): string | undefined =>
      ui === undefined || prefix === undefined
        ? undefined
        : `${ui.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(prefix + id)}`,
  };
};

export interface Onboarding {
  readonly id: string;
  /** Absent until the gateway has returned a token. */
  readonly live?: LiveRegistration;
}

/** Returns the fragment of the page's address that opens the onboarding. */
export const fragmentOf = (id: string): string => `#${new URLSearchParams({ onboarding: id })}`;

/** Reads the open review. The requests name its `version`. */
const readReview = (snapshot: unknown) => {
  const version = textAt(snapshot, 'review', 'version');
  if (version === undefined) return undefined;
  return {
    version,
    /** Empty if the registration as a whole is under review. */
    checks: textsAt(snapshot, 'review', 'checks'),
    dueAt: numberAt(snapshot, 'review', 'dueAt') ?? 0,
    claimedBy: textAt(snapshot, 'review', 'claim', 'reviewer'),
    claimedUntil: numberAt(snapshot, 'review', 'claim', 'until') ?? 0,
  };
};

export type Review = NonNullable<ReturnType<typeof readReview>>;

/** Reads the progress of an onboarding from the gateway's snapshot. */
export const readProgress = (snapshot: unknown) => ({
  over: textAt(snapshot, 'phase') === 'ended',
  outcome: textAt(snapshot, 'decision', 'outcome'),
  sentence: textAt(snapshot, 'decision', 'sentence') ?? textAt(snapshot, 'awaiting', 'what') ?? '',
  awaitedFrom: textAt(snapshot, 'awaiting', 'from') ?? '',
  until: numberAt(snapshot, 'awaiting', 'until'),
  review: readReview(snapshot),
  checks: CHECKS.map((name) => ({
    name,
    status: textAt(snapshot, 'checks', name, 'status') ?? 'unknown',
    failed: numberAt(snapshot, 'checks', name, 'attempts', 'failed') ?? 0,
    limit: numberAt(snapshot, 'checks', name, 'attempts', 'limit') ?? 0,
    reason: textAt(snapshot, 'checks', name, 'reason', 'sentence') ?? '',
    requestedAgain: textAt(snapshot, 'checks', name, 'requestedAgain'),
  })),
  nextActions: listAt(snapshot, 'nextActions').map((action) => textAt(action, 'sentence') ?? ''),
});

export type Progress = ReturnType<typeof readProgress>;

export interface PageContext {
  readonly config: ReturnType<typeof readConfig>;
  readonly onboarding: Store<Onboarding | undefined>;
  readonly progress: Store<Progress | undefined>;
}
