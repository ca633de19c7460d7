import type { ApplicationFailure } from '@temporalio/workflow';
import type { Event } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import type { State } from '../domain/state.js';

/** An event whose moment is the moment at which it is entered. */
export type Undated<E extends Event = Event> = E extends Event ? Omit<E, 'at'> : never;

/** The one thing in a run that changes: the state, and what waiters were last refused. Handlers and the story share it. */
export class Casefile {
  #state: State;
  #entries = 0;
  #contactKeys: readonly string[];
  #refusals: readonly ApplicationFailure[] = [];
  readonly #onEntry: (casefile: Casefile) => void;

  /** `onEntry` is told whenever the state may have changed. */
  constructor(state: State, contactKeys: readonly string[], onEntry: (casefile: Casefile) => void) {
    this.#state = state;
    this.#contactKeys = contactKeys;
    this.#onEntry = onEntry;
  }

  get state(): State {
    return this.#state;
  }

  /** How many events this run has entered. */
  get entries(): number {
    return this.#entries;
  }

  /** Keyed hashes under which the onboarding can be found. */
  get contactKeys(): readonly string[] {
    return this.#contactKeys;
  }

  get hasEnded(): boolean {
    return this.#state.progress.phase === 'ended';
  }

  enter(event: Undated): void {
    this.#entries += 1;
    this.#state = evolve(this.#state, { ...event, at: Date.now() });
    this.#onEntry(this);
  }

  useContactKeys(keys: readonly string[]): void {
    this.#contactKeys = keys;
  }

  /** Tells everyone who waits for a token that there will be none, and why. */
  refuse(why: ApplicationFailure): void {
    this.#entries += 1;
    this.#refusals = [...this.#refusals, why];
  }

  /** How many times waiters were refused so far: what `refusedSince` compares with. */
  get refusals(): number {
    return this.#refusals.length;
  }

  refusedSince(refusals: number): ApplicationFailure | undefined {
    return this.#refusals[refusals];
  }
}
