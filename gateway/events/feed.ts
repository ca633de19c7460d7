import { setTimeout as pause } from 'node:timers/promises';
import { type OnboardingClient, OnboardingError } from '../../client/index.js';
import type { EventsAnswer } from '../../contract/messages.js';
import type { OnboardingEvent } from '../../domain/changes.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { SECOND_MS } from '../../shared/time.js';

/** The state of an onboarding. A change makes a new object. */
export interface View {
  readonly events: readonly OnboardingEvent[];
  readonly snapshot: Snapshot;
  /** True if there will be no further changes. */
  readonly ended: boolean;
}

const POLL_EVERY_MS = SECOND_MS;
const TIMEOUT_MS = 5 * SECOND_MS;

const LAST_EVENTS: readonly OnboardingEvent['type'][] = ['onboarding.ended', 'onboarding.failed'];

const lastSequence = ({ events }: View): number => events.at(-1)?.sequence ?? 0;

/** A workflow that was stopped in Temporal ends without an event. */
const hasEnded = ({ events, snapshot }: Pick<View, 'events' | 'snapshot'>): boolean =>
  snapshot.stopped !== undefined || events.some(({ type }) => LAST_EVENTS.includes(type));

/** Polls an onboarding for all of its followers. */
export class Feed {
  readonly #client: OnboardingClient;
  readonly #workflowId: string;
  /** Identifies the onboarding: another one can start under the same workflow id. */
  readonly #onboardingRunId: string;
  readonly #wake = new Set<() => void>();
  #view: View;

  private constructor(client: OnboardingClient, workflowId: string, first: EventsAnswer) {
    this.#client = client;
    this.#workflowId = workflowId;
    this.#onboardingRunId = first.onboardingRunId;
    this.#view = { events: first.events, snapshot: first.snapshot, ended: hasEnded(first) };
  }

  /**
   * Reads the onboarding for the first time.
   *
   * @throws OnboardingError if the onboarding does not exist or cannot be queried.
   */
  static async open(client: OnboardingClient, workflowId: string): Promise<Feed> {
    return new Feed(client, workflowId, await client.events(workflowId));
  }

  get view(): View {
    return this.#view;
  }

  /**
   * Resolves the sequence number after which a reader continues who knows the events up to `known`. It is 0 if the
   * onboarding has fewer events, because `known` is from an earlier onboarding of the same id.
   */
  async resumeAfter(known: number): Promise<number> {
    if (known <= lastSequence(this.#view)) return known;
    // The view may be a second old.
    const { last } = await this.#client.events(this.#workflowId, { after: known, timeoutMs: TIMEOUT_MS });
    return known <= last ? known : 0;
  }

  async poll(isFollowed: () => boolean): Promise<void> {
    while (!this.#view.ended) {
      await pause(POLL_EVERY_MS);
      if (!isFollowed()) return;
      const view = await this.#read();
      if (view === this.#view) continue;
      this.#view = view;
      for (const wake of [...this.#wake]) wake();
    }
  }

  /** Waits until the view differs from `view`, `withinMs` has passed or the signal aborts. */
  changed(view: View, withinMs: number, signal: AbortSignal): Promise<void> {
    if (this.#view !== view || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wake.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      signal.addEventListener('abort', wake);
      this.#wake.add(wake);
    });
  }

  async #read(): Promise<View> {
    const known = this.#view;
    const after = lastSequence(known);
    try {
      const { events, snapshot, last, onboardingRunId } = await this.#client.events(this.#workflowId, {
        after,
        timeoutMs: TIMEOUT_MS,
      });
      // The onboarding was started again or reset in Temporal: its events are different ones.
      if (onboardingRunId !== this.#onboardingRunId || last < after) return { ...known, ended: true };
      const isSame = events.length === 0 && JSON.stringify(snapshot) === JSON.stringify(known.snapshot);
      if (isSame) return known;
      return { events: [...known.events, ...events], snapshot, ended: hasEnded({ events, snapshot }) };
    } catch (error) {
      // An erased onboarding is not found. Other errors may be temporary.
      return error instanceof OnboardingError && error.type === 'NotFound' ? { ...known, ended: true } : known;
    }
  }
}
