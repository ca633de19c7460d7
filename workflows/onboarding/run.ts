import { ApplicationFailure, allHandlersFinished, workflowInfo } from '@temporalio/workflow';
import { CLOSING } from '../../contract/failures.js';
import type { CarriedState, OnboardingInput } from '../../contract/messages.js';
import {
  appendEvents,
  type Change,
  changesBetween,
  EMPTY_LOG,
  type EventLog,
  markHandedOver,
} from '../../domain/changes.js';
import { evolve } from '../../domain/evolve.js';
import { measurementsOf } from '../../domain/measurements.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { type CallProblem, type Snapshot, snapshot, withProblem } from '../../domain/snapshot.js';
import { initialState, type State } from '../../domain/state.js';
import type { Undated } from '../../domain/transitions.js';
import { endedFailure } from '../shared/decoding.js';
import { record } from '../shared/metrics.js';
import { CallbackOutbox } from './callback-outbox.js';
import { showDetails } from './checklist.js';
import { SearchAttributePublisher } from './search-attribute-publisher.js';
import { ReschedulableTimer } from './timer.js';
import { TokenWaiters } from './token-waiters.js';

/** Well under the server's limits of 2,000 updates and 10,000 signals a run. */
const MAX_EVENTS_PER_RUN = 1_000;

/**
 * The state of one run of the workflow. Message handlers and steps change it by `apply`; nothing else in a run changes.
 */
export class OnboardingRun {
  readonly input: OnboardingInput;
  readonly request: OnboardingRequest;
  readonly tokens = new TokenWaiters();
  readonly timer: ReschedulableTimer;
  readonly searchAttributes: SearchAttributePublisher;
  readonly outbox: CallbackOutbox;
  #state: State;
  #log: EventLog;
  #contactKeys: readonly string[];
  #appliedCount = 0;
  #problem: CallProblem | undefined;
  #now = Date.now();
  #hasFailed = false;

  constructor(input: OnboardingInput, request: OnboardingRequest, carried?: CarriedState) {
    this.input = input;
    this.request = request;
    this.#state = carried?.state ?? initialState(request, this.#now, input.batch);
    this.#log = carried?.log ?? EMPTY_LOG;
    this.#contactKeys = carried?.contactKeys ?? input.contactKeys ?? [];
    this.timer = new ReschedulableTimer((firedFor) => this.advance(firedFor));
    this.searchAttributes = new SearchAttributePublisher(this);
    this.outbox = new CallbackOutbox(this);
    this.#show();
  }

  get state(): State {
    return this.#state;
  }

  /** The public events, and how many of them the callbacks workflow has. */
  get log(): EventLog {
    return this.#log;
  }

  /** Keyed hashes of the contact, under which the onboarding can be found. */
  get contactKeys(): readonly string[] {
    return this.#contactKeys;
  }

  /** How many events this run has applied. */
  get appliedCount(): number {
    return this.#appliedCount;
  }

  get carried(): CarriedState {
    return { state: this.#state, contactKeys: this.#contactKeys, log: this.#log };
  }

  /**
   * The time of the last event, in ms since the Unix epoch. It advances with events and timers alone, so that a
   * decision never depends on the workflow task in which it is made: `Date.now()` also advances with tasks that leave
   * nothing in the history.
   */
  now(): number {
    return this.#now;
  }

  /** Advances the time, in ms since the Unix epoch: by default to that of the workflow task. It never goes back. */
  advance(to: number = Date.now()): void {
    this.#now = Math.max(this.#now, to);
  }

  apply(event: Undated): void {
    this.#appliedCount += 1;
    this.advance();
    const before = this.#state;
    this.#state = evolve(before, { ...event, at: this.#now });
    const changes = changesBetween(before, this.#state);
    this.#append(changes);
    this.#measure(before, changes);
    this.#show();
  }

  /** Rejects the callers that wait for a token: all, or only those that asked for a re-registration. */
  rejectTokens(failure: ApplicationFailure, whom?: 'reRegister'): void {
    this.#appliedCount += 1;
    this.tokens.reject(failure, whom);
  }

  /** The onboarding ends without an outcome. */
  fail(failure: ApplicationFailure): void {
    this.#hasFailed = true;
    this.advance();
    this.rejectTokens(failure);
    const changes: readonly Change[] = [{ type: 'onboarding.failed', failure: failure.type ?? 'Unexpected' }];
    this.#append(changes);
    this.#measure(this.#state, changes);
  }

  /** Rejects an update that would wait for what no longer happens, although the workflow is still open. */
  throwIfOver(): void {
    if (this.#state.progress.phase === 'ended') throw endedFailure(this.#state);
    if (!this.#hasFailed) return;
    const message = 'the onboarding has failed and is about to close';
    throw ApplicationFailure.create({ type: CLOSING, message, nonRetryable: true });
  }

  /** Shows the failure of the call in progress. It is not part of the state: no decision depends on it. */
  showProblem(problem: CallProblem | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#show();
  }

  /** Returns the state for readers, at a time in ms since the Unix epoch. */
  snapshot(at: number): Snapshot {
    const current = snapshot(this.#state, at);
    return this.#problem === undefined ? current : withProblem(current, this.#problem);
  }

  /** The callbacks workflow has the events up to this sequence number. */
  markHandedOver(upTo: number): void {
    this.#log = markHandedOver(this.#log, upTo);
  }

  useContactKeys(keys: readonly string[]): void {
    this.#contactKeys = keys;
  }

  /** True if the run has become long and no caller waits for an answer from it. */
  shouldContinueAsNew(): boolean {
    const isLong = workflowInfo().continueAsNewSuggested || this.#appliedCount >= MAX_EVENTS_PER_RUN;
    return isLong && allHandlersFinished();
  }

  #append(changes: readonly Change[]): void {
    this.#log = appendEvents(this.#log, changes, this.#now);
  }

  #measure(before: State, changes: readonly Change[]): void {
    record(measurementsOf({ before, after: this.#state, changes, at: this.#now }, this.request.projectFlow));
  }

  #show(): void {
    showDetails(this.snapshot(this.#now));
    this.searchAttributes.noteState();
  }
}
