import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  type ApplicantAnswer,
  applicantQuery,
  CALLBACKS_WORKFLOW,
  type Callbacks,
  callbacksStart,
  deliverSignal,
  type EventsAnswer,
  eventsQuery,
} from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { closed, decodeFields, type FieldError, matching, wholeNumber } from '../shared/decoding.js';
import { OnboardingError, orThrow } from './errors.js';
import { inField } from './field-errors.js';
import { query } from './retries.js';

/** The receiver of an onboarding's events. */
export interface CallbacksInput {
  /** The name of an endpoint in the configuration of the workers. */
  readonly endpoint: string;
  /** The id of the onboarding in its events. Default: the workflow id. Never personal data. */
  readonly id?: string;
}

const CallbacksFields = closed(
  t.intersection([
    t.type({ endpoint: matching(/^[\w.-]{1,100}$/, 'the name of an endpoint: letters, digits and . _ -') }),
    t.partial({ id: matching(/^[A-Za-z0-9._:-]{1,250}$/, 'an opaque id of letters, digits and . _ : -') }),
  ]),
);

const Sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export const decodeCallbacks = (
  { endpoint, id }: CallbacksInput,
  workflowId: string,
): E.Either<readonly FieldError[], Callbacks> =>
  E.mapLeft(inField('callbacks'))(
    E.map(() => ({ endpoint, id: id ?? workflowId }))(
      decodeFields(CallbacksFields)({ endpoint, ...(id === undefined ? {} : { id }) }),
    ),
  );

const decodeSequence = (field: string, value: number): number =>
  orThrow(E.mapLeft(inField(field))(decodeFields(Sequence)(value)));

/** Reads and replays the events of onboardings, running or ended, and reads their applicants. */
export class OnboardingEvents {
  readonly #temporal: Client;
  readonly #taskQueue: string;

  constructor(temporal: Client, taskQueue: string) {
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
  }

  after(workflowId: string, after = 0): Promise<EventsAnswer> {
    const sequence = decodeSequence('after', after);
    return query(this.#handle(workflowId), (handle) => handle.query(eventsQuery, { after: sequence }));
  }

  applicant(workflowId: string): Promise<ApplicantAnswer> {
    return query(this.#handle(workflowId), (handle) => handle.query(applicantQuery));
  }

  /** Sends one event again, before later events that have not been sent yet. */
  async replay(workflowId: string, sequence: number): Promise<void> {
    const before = decodeSequence('sequence', sequence) - 1;
    const { events, callbacks, onboardingRunId } = await this.after(workflowId, Math.max(before, 0));
    if (callbacks === undefined)
      throw new OnboardingError('NoCallbacks', 'this onboarding was started without callbacks');
    const event = events.find((kept) => kept.sequence === sequence);
    if (event === undefined)
      throw new OnboardingError(
        'NoSuchEvent',
        'this onboarding has no event with this sequence number, or no longer keeps it',
      );
    const { typedSearchAttributes } = await this.#handle(workflowId).describe();
    await this.#temporal.workflow.signalWithStart(CALLBACKS_WORKFLOW, {
      ...callbacksStart(workflowId, typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference)),
      taskQueue: this.#taskQueue,
      args: [],
      signal: deliverSignal,
      signalArgs: [{ callbacks, events: [event], onboardingRunId, replay: true }],
    });
  }

  #handle(workflowId: string) {
    return this.#temporal.workflow.getHandle(workflowId);
  }
}
