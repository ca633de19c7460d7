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
import { ask } from './asking.js';
import { OnboardingError, orThrow } from './errors.js';

/** Where an onboarding's events are sent. */
export interface CallbacksInput {
  /** The name of an endpoint that the workers are configured with. */
  readonly endpoint: string;
  /** What the receiver knows the onboarding by; by default its workflow id. Never personal data. */
  readonly id?: string;
}

const CallbacksFields = closed(
  t.intersection([
    t.type({ endpoint: matching(/^[\w.-]{1,100}$/, 'the name of an endpoint: letters, digits and . _ -') }),
    t.partial({ id: matching(/^[A-Za-z0-9._:-]{1,250}$/, 'an opaque id of letters, digits and . _ : -') }),
  ]),
);

const Sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const under =
  (name: string) =>
  (errors: readonly FieldError[]): readonly FieldError[] =>
    errors.map(({ field, expected }) => ({ field: field === '(root)' ? name : `${name}.${field}`, expected }));

/** Reads where the events of the onboarding of this workflow id are to be sent. */
export const decodeCallbacks = (
  { endpoint, id }: CallbacksInput,
  workflowId: string,
): E.Either<readonly FieldError[], Callbacks> =>
  E.mapLeft(under('callbacks'))(
    E.map(() => ({ endpoint, id: id ?? workflowId }))(
      decodeFields(CallbacksFields)({ endpoint, ...(id === undefined ? {} : { id }) }),
    ),
  );

const sequenceNumber = (field: string, value: number): number =>
  orThrow(E.mapLeft(under(field))(decodeFields(Sequence)(value)));

/** The events of onboardings, also of those that have ended; and who is being onboarded. */
export class OnboardingEvents {
  readonly #temporal: Client;
  readonly #taskQueue: string;

  constructor(temporal: Client, taskQueue: string) {
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
  }

  after(workflowId: string, after = 0): Promise<EventsAnswer> {
    const sequence = sequenceNumber('after', after);
    return ask(this.#handle(workflowId), (handle) => handle.query(eventsQuery, { after: sequence }));
  }

  applicant(workflowId: string): Promise<ApplicantAnswer> {
    return ask(this.#handle(workflowId), (handle) => handle.query(applicantQuery));
  }

  /** Has one event sent again, before whatever is unsent and comes after it. */
  async replay(workflowId: string, sequence: number): Promise<void> {
    const before = sequenceNumber('sequence', sequence) - 1;
    const { events, callbacks, onboardingRunId } = await this.after(workflowId, Math.max(before, 0));
    if (callbacks === undefined)
      throw new OnboardingError('NoCallbacks', 'this onboarding was started without callbacks');
    const event = events.find((one) => one.sequence === sequence);
    if (event === undefined)
      throw new OnboardingError('NoSuchEvent', 'no event of this sequence number is kept of this onboarding');
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
