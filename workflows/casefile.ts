import type { ApplicationFailure } from '@temporalio/workflow';
import { type Change, changesBetween, EMPTY_LOG, type EventLog, handedOver, noted } from '../domain/changes.js';
import type { Event } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import { snapshot } from '../domain/snapshot.js';
import type { State } from '../domain/state.js';
import { showDetails } from './checklist.js';
import type { Carried, OnboardingInput } from './messages.js';
import { isChanged, type Versioned } from './versions.js';
import { Visibility } from './visibility.js';

/** An event whose moment is the moment at which it is entered. */
export type Undated<E extends Event = Event> = E extends Event ? Omit<E, 'at'> : never;

/** The one thing in a run that changes: the state, what is to be told of it, and what waiters were last refused. Handlers and the story share it. */
export class Casefile {
  #state: State;
  #entries = 0;
  #contactKeys: readonly string[];
  #log: EventLog;
  #refusals: readonly ApplicationFailure[] = [];
  #reached = Number.NEGATIVE_INFINITY;

  /** The batch that began the onboarding. */
  readonly batch: string | undefined;

  readonly #version: number | undefined;

  /** What the onboarding can be found by. */
  readonly visibility: Visibility;

  constructor({ state, contactKeys, log = EMPTY_LOG }: Carried, input: OnboardingInput) {
    this.batch = input.batch?.id;
    this.#version = input.version;
    this.#state = state;
    this.#contactKeys = contactKeys;
    this.#log = log;
    this.visibility = new Visibility(this, input);
    this.#show();
  }

  get state(): State {
    return this.#state;
  }

  /**
   * The time, in ms since the Unix epoch: never before a moment that an alarm has rung for. The clock of a workflow may stand at its
   * last task when a query that waited for a worker has what came meanwhile applied, and what follows from a timer must be the same
   * when it is replayed.
   */
  now(): number {
    return Math.max(Date.now(), this.#reached);
  }

  /** An alarm has rung for this moment, in ms since the Unix epoch. */
  reach(moment: number): void {
    this.#reached = Math.max(this.#reached, moment);
  }

  /** Whether the onboarding does this otherwise than those from before. */
  isChanged(what: Versioned): boolean {
    return isChanged(what, this.#version);
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
    const before = this.#state;
    this.#state = evolve(before, { ...event, at: this.now() });
    this.#note(changesBetween(before, this.#state));
    this.#show();
  }

  /** There will be no outcome. */
  fail(type: string): void {
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
