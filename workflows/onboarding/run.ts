import type { ApplicationFailure } from '@temporalio/workflow';
import type { Carried, OnboardingInput } from '../../contract/messages.js';
import { type Change, changesBetween, EMPTY_LOG, type EventLog, handedOver, noted } from '../../domain/changes.js';
import type { Event } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import { snapshot } from '../../domain/snapshot.js';
import type { State } from '../../domain/state.js';
import { showDetails } from './checklist.js';
import { Visibility } from './search-attribute-publisher.js';

/** An event whose moment is the moment at which it is entered. */
export type Undated<E extends Event = Event> = E extends Event ? Omit<E, 'at'> : never;

/** The one thing in a run that changes: the state, what is to be told of it, and what waiters were last refused. Handlers and the story share it. */
export class Casefile {
  #state: State;
  #entries = 0;
  #contactKeys: readonly string[];
  #log: EventLog;
  #refusals: readonly ApplicationFailure[] = [];
  #now = Number.NEGATIVE_INFINITY;

  /** The batch that began the onboarding. */
  readonly batch: string | undefined;

  /** What the onboarding can be found by. */
  readonly visibility: Visibility;

  constructor({ state, contactKeys, log = EMPTY_LOG }: Carried, input: OnboardingInput) {
    this.batch = input.batch?.id;
    this.#state = state;
    this.#contactKeys = contactKeys;
    this.#log = log;
    this.advance();
    this.visibility = new Visibility(this, input);
    this.#show();
  }

  get state(): State {
    return this.#state;
  }

  /**
   * The time of the last event, in ms since the Unix epoch. It advances with events and timers alone, so that a decision never depends on
   * the workflow task in which it is made: `Date.now()` also advances with tasks that leave nothing in the history.
   */
  now(): number {
    return this.#now;
  }

  /** Advances the time to a moment, in ms since the Unix epoch: by default the time of the workflow task. Never goes back. */
  advance(to: number = Date.now()): void {
    this.#now = Math.max(this.#now, to);
  }

  /** How many events this run has entered. */
  get entries(): number {
    return this.#entries;
  }

  /** Keyed hashes under which the onboarding can be found. */
  get contactKeys(): readonly string[] {
    return this.#contactKeys;
  }

  /** What has happened so far, as it is told. */
  get log(): EventLog {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#state.progress.phase === 'ended';
  }

  enter(event: Undated): void {
    this.#entries += 1;
    this.advance();
    const before = this.#state;
    this.#state = evolve(before, { ...event, at: this.now() });
    this.#note(changesBetween(before, this.#state));
    this.#show();
  }

  /** There will be no outcome. */
  fail(type: string): void {
    this.advance();
    this.#note([{ type: 'onboarding.failed', failure: type }]);
  }

  /** The events up to this sequence number are in other hands now. */
  handOver(upTo: number): void {
    this.#log = handedOver(this.#log, upTo);
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

  #show(): void {
    showDetails(snapshot(this.#state, this.now()));
    this.visibility.note();
  }

  #note(changes: readonly Change[]): void {
    this.#log = noted(this.#log, changes, this.now());
  }
}
