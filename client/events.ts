import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  CALLBACKS_WORKFLOW,
  type Callbacks,
  callbacksStart,
  deliverSignal,
  type EventsAnswer,
  eventsQuery,
} from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Snapshot } from '../domain/snapshot.js';
import { closed, decodeFields, type FieldError, matching, wholeNumber } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import type { Calls } from './calls.js';
import { OnboardingError, orThrow } from './errors.js';
import { query } from './queries.js';

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

export const decodeCallbacks = (
  { endpoint, id }: CallbacksInput,
  workflowId: string,
): E.Either<readonly FieldError[], Callbacks> =>
  E.map(() => ({ endpoint, id: id ?? workflowId }))(
    decodeFields(t.type({ callbacks: CallbacksFields }))({ callbacks: defined({ endpoint, id }) }),
  );

const Sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** Reads the events of an onboarding, running or ended: those after a sequence number. */
export const readEvents = async (temporal: Client, workflowId: string, after = 0): Promise<EventsAnswer> => {
  const args = orThrow(decodeFields(t.type({ after: Sequence }))({ after }));
  return query(temporal.workflow.getHandle(workflowId), (handle) => handle.query(eventsQuery, args));
};

/** The events of a workflow that closed before it read its request. */
export const noEvents = (snapshot: Snapshot, onboardingRunId: string): EventsAnswer => ({
  events: [],
  last: 0,
  oldest: 0,
  onboardingRunId,
  snapshot,
});

/** Sends one event again, before later events that have not been sent yet. */
export const replayEvent = async (
  { temporal, taskQueue }: Calls,
  workflowId: string,
  sequence: number,
): Promise<void> => {
  orThrow(decodeFields(t.type({ sequence: Sequence }))({ sequence }));
  const { events, callbacks, onboardingRunId } = await readEvents(temporal, workflowId, Math.max(sequence - 1, 0));
  if (callbacks === undefined)
    throw new OnboardingError('NoCallbacks', 'this onboarding was started without callbacks');
  const event = events.find((kept) => kept.sequence === sequence);
  if (event === undefined)
    throw new OnboardingError(
      'NoSuchEvent',
      'this onboarding has no event with this sequence number, or no longer keeps it',
    );
  const { typedSearchAttributes } = await temporal.workflow.getHandle(workflowId).describe();
  await temporal.workflow.signalWithStart(CALLBACKS_WORKFLOW, {
    ...callbacksStart(workflowId, typedSearchAttributes.get(SEARCH_ATTRIBUTES.reference)),
    taskQueue,
    args: [],
    signal: deliverSignal,
    signalArgs: [{ callbacks, events: [event], onboardingRunId, replay: true }],
  });
};
