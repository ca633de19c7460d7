import { type OnboardingClient, OnboardingError } from '../../client/index.js';
import type { OnboardingEvent } from '../../domain/changes.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { SECOND_MS } from '../../shared/time.js';
import type { OpenWatch } from './history.js';

/** The state of an onboarding. A change makes a new object. */
export interface View {
  readonly events: readonly OnboardingEvent[];
  readonly snapshot: Snapshot;
  /** True if there will be no further changes. */
  readonly ended: boolean;
  /** True if it was erased, or another one has started under its id. */
  readonly isGone?: true;
}

const TIMEOUT_MS = 5 * SECOND_MS;

const LAST_EVENTS: readonly OnboardingEvent['type'][] = ['onboarding.ended', 'onboarding.failed'];

const lastSequence = ({ events }: View): number => events.at(-1)?.sequence ?? 0;

/** A workflow that was stopped in Temporal ends without an event. */
const hasEnded = ({ events, snapshot }: Pick<View, 'events' | 'snapshot'>): boolean =>
  snapshot.stopped !== undefined || events.some(({ type }) => LAST_EVENTS.includes(type));

export type Feed = Awaited<ReturnType<typeof openFeed>>;

/**
 * Reads an onboarding for the first time, and after each change for all of its followers, until the signal aborts.
 *
 * @throws OnboardingError if the onboarding does not exist or cannot be queried.
 */
export const openFeed = async (
  client: OnboardingClient,
  openWatch: OpenWatch,
  workflowId: string,
  signal: AbortSignal,
) => {
  const watch = await openWatch(workflowId, signal);
  let readAt = performance.now();
  // The run id identifies the onboarding: another one can start under the same workflow id.
  const { onboardingRunId, ...first } = await client.events(workflowId);
  const wakes = new Set<() => void>();
  let view: View = { events: first.events, snapshot: first.snapshot, ended: hasEnded(first) };

  const read = async (): Promise<View> => {
    const after = lastSequence(view);
    const asked = performance.now();
    try {
      const answer = await client.events(workflowId, { after, timeoutMs: TIMEOUT_MS });
      const { events, snapshot } = answer;
      readAt = asked;
      // The onboarding was started again or reset in Temporal: its events are different ones.
      if (answer.onboardingRunId !== onboardingRunId || answer.last < after)
        return { ...view, ended: true, isGone: true };
      const isSame = events.length === 0 && JSON.stringify(snapshot) === JSON.stringify(view.snapshot);
      return isSame ? view : { events: [...view.events, ...events], snapshot, ended: hasEnded(answer) };
    } catch (error) {
      // An erased onboarding is not found. Other errors may be temporary.
      return error instanceof OnboardingError && error.type === 'NotFound'
        ? { ...view, ended: true, isGone: true }
        : view;
    }
  };

  return {
    view: () => view,

    /** The time of the call that the view is the result of, in ms of `performance`. */
    readAt: () => readAt,

    /**
     * Resolves the sequence number after which a reader continues who knows the events up to `known`. It is 0 if the
     * onboarding has fewer events, because `known` is from an earlier onboarding of the same id.
     */
    resumeAfter: async (known: number): Promise<number> => {
      if (known <= lastSequence(view)) return known;
      // The view may be older.
      const { last } = await client.events(workflowId, { after: known, timeoutMs: TIMEOUT_MS });
      return known <= last ? known : 0;
    },

    keepCurrent: async (): Promise<void> => {
      while (!view.ended) {
        await watch.changed();
        if (signal.aborted) return;
        const before = view;
        view = await read();
        if (view !== before) for (const wake of [...wakes]) wake();
      }
    },

    /** Waits until the view differs from `known`, `withinMs` has passed or the signal aborts. */
    changed: (known: View, withinMs: number, signal: AbortSignal): Promise<void> => {
      if (view !== known || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          wakes.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, withinMs);
        signal.addEventListener('abort', wake);
        wakes.add(wake);
      });
    },
  };
};
