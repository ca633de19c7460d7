import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import {
  CALLBACKS_WORKFLOW,
  callbacksStart,
  deliverSignal,
  type EventsAnswer,
  eventsQuery,
} from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Snapshot } from '../domain/snapshot.js';
import { closed, matching, wholeNumber } from '../shared/decoding.js';
import { CALL_PROPS, readArgument } from './arguments.js';
import type { Calls } from './calls/calls.js';
import { query } from './calls/queries.js';
import { OnboardingError } from './errors.js';

/** The receiver of an onboarding's events. */
export interface CallbacksInput {
  /** The name of an endpoint in the configuration of the workers. */
  readonly endpoint: string;
  /** The id of the onboarding in its events. Default: the workflow id. Never personal data. */
  readonly id?: string;
}

export const CallbacksFields = closed(
  t.intersection([
    t.type({ endpoint: matching(/^[\w.-]{1,100}$/, 'the name of an endpoint: letters, digits and . _ -') }),
    t.partial({ id: matching(/^[A-Za-z0-9._:-]{1,250}$/, 'an opaque id of letters, digits and . _ : -') }),
  ]),
);

const Sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export const EventsFields = closed(t.partial({ ...CALL_PROPS, after: Sequence }));

/** Reads the events of an onboarding, running or ended: those after a sequence number. */
export const readEvents = (temporal: Client, workflowId: string, after = 0): Promise<EventsAnswer> =>
  query(temporal.workflow.getHandle(workflowId), (handle) => handle.query(eventsQuery, { after }));

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
  readArgument('sequence', Sequence, sequence);
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
