import { setTimeout as pause } from 'node:timers/promises';
import { type OnboardingClient, OnboardingError } from '../../client/index.js';
import type { EventsAnswer } from '../../contract/messages.js';
import type { OnboardingEvent } from '../../domain/changes.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { SECOND_MS } from '../../shared/time.js';

/** What is known of an onboarding. Another object whenever something has changed. */
export interface View {
  readonly events: readonly OnboardingEvent[];
  readonly snapshot: Snapshot;
  /** Nothing will follow. */
  readonly over: boolean;
}

const ASK_EVERY_MS = SECOND_MS;
const ANSWER_WITHIN_MS = 5 * SECOND_MS;

const LAST: readonly OnboardingEvent['type'][] = ['onboarding.ended', 'onboarding.failed'];

const lastIn = ({ events }: View): number => events.at(-1)?.sequence ?? 0;

/** One that was stopped in Temporal ends without an event. */
const isOver = ({ events, snapshot }: Pick<View, 'events' | 'snapshot'>): boolean =>
  snapshot.stopped !== undefined || events.some(({ type }) => LAST.includes(type));

/** Asks one onboarding what has happened, once for all who follow it, for as long as somebody does. */
export class Feed {
  readonly #client: OnboardingClient;
  readonly #workflowId: string;
  /** The first run of the onboarding: another one may come under the same id. */
  readonly #onboardingRunId: string;
  readonly #wake = new Set<() => void>();
  #view: View;

  private constructor(client: OnboardingClient, workflowId: string, first: EventsAnswer) {
    this.#client = client;
    this.#workflowId = workflowId;
    this.#onboardingRunId = first.onboardingRunId;
    this.#view = { events: first.events, snapshot: first.snapshot, over: isOver(first) };
  }

  /**
   * Asks for the first time, and goes on until nobody follows any more.
   *
   * @throws OnboardingError where there is no such onboarding, or it cannot be asked.
   */
  static async open(client: OnboardingClient, workflowId: string): Promise<Feed> {
    return new Feed(client, workflowId, await client.events(workflowId));
  }

  get view(): View {
    return this.#view;
  }

  /** After which event a reader goes on who knows those up to `known`: from the beginning, where those were another onboarding's. */
  async placeAfter(known: number): Promise<number> {
    if (known <= lastIn(this.#view)) return known;
    // The view may be a second old.
    const { last } = await this.#client.events(this.#workflowId, { after: known, timeoutMs: ANSWER_WITHIN_MS });
    return known <= last ? known : 0;
  }

  /** Goes on asking until it is over, or nobody follows. */
  async follow(isFollowed: () => boolean): Promise<void> {
    while (!this.#view.over) {
      await pause(ASK_EVERY_MS);
      if (!isFollowed()) return;
      const view = await this.#ask();
      if (view === this.#view) continue;
      this.#view = view;
      for (const wake of [...this.#wake]) wake();
    }
  }

  /** Waits until there is another view than this one, the time is up, or the signal comes. */
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

  async #ask(): Promise<View> {
    const known = this.#view;
    const after = lastIn(known);
    try {
      const { events, snapshot, last, onboardingRunId } = await this.#client.events(this.#workflowId, {
        after,
        timeoutMs: ANSWER_WITHIN_MS,
      });
      // The onboarding was started anew, or set back in Temporal: its events are others.
      if (onboardingRunId !== this.#onboardingRunId || last < after) return { ...known, over: true };
      const isSame = events.length === 0 && JSON.stringify(snapshot) === JSON.stringify(known.snapshot);
      if (isSame) return known;
      return { events: [...known.events, ...events], snapshot, over: isOver({ events, snapshot }) };
    } catch (error) {
      // Erased. Anything else may pass.
      return error instanceof OnboardingError && error.type === 'NotFound' ? { ...known, over: true } : known;
    }
  }
}
