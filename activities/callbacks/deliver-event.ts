import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { type CallbackActivities, DELIVERY_RETRY, type DeliveryOutcome } from '../../contract/activities.js';
import type { CallbackEndpoints } from './endpoints.js';
import { Places } from './places.js';
import { messageOf, type Sent, send } from './send.js';

type Delivery = Parameters<CallbackActivities['deliverEvent']>[0];

/** Below what the workflow gives a try. A quick one has to fit into a workflow task. */
const TIMEOUT_MS = { quick: 4_000, durable: 15_000 } as const;

const CROWDED_RETRY_MS = 30_000;

/** The receiver will never take it. */
const GONE = 410;

/** The answers that may say when to try again. */
const BUSY: readonly number[] = [429, 503];

/** An operator has to mend this: alerts should ring. */
const misconfigured = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'CallbackMisconfigured', message });

/** The receiver cannot take it now: that happens. */
const undelivered = (message: string, retryAfterMs?: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'CallbackUndelivered',
    message,
    category: ApplicationFailureCategory.BENIGN,
    // A decoded failure has lost its delay, which is for the server; so it stands in the details as well.
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs, details: [{ retryAfterMs }] }),
  });

/** The receiver asks for a longer wait than there would be anyway: a shorter one would let it be asked without end. */
const longerThanAnyway = (retryAfterMs: number | undefined): number | undefined => {
  const { attempt, isLocal } = activityInfo();
  const { initialMs, coefficient, maximumMs } = DELIVERY_RETRY;
  const anywayMs = isLocal ? 0 : Math.min(initialMs * coefficient ** (attempt - 1), maximumMs);
  return retryAfterMs !== undefined && retryAfterMs > anywayMs ? retryAfterMs : undefined;
};

/** Other sendings to the same receiver take all the places: a worker has other things to do. */
const crowded = (): ApplicationFailure =>
  undelivered(
    'too much is being sent to the receiver, or it did not answer lately',
    activityInfo().isLocal ? undefined : longerThanAnyway(CROWDED_RETRY_MS),
  );

const outcomeOf = (sent: Sent): DeliveryOutcome => {
  switch (sent.kind) {
    case 'privateAddress':
      throw misconfigured('The address lies in a private network: name its host in allowedHosts, if it is to.');
    case 'unreachable':
      throw undelivered(`the receiver could not be reached (${sent.code})`);
    case 'answered': {
      const { status, retryAfterMs } = sent;
      if (status >= 200 && status < 300) return { kind: 'delivered' };
      if (status === GONE) return { kind: 'givenUp', problem: `the receiver answered ${status}: it wants no more` };
      throw undelivered(
        `the receiver answered ${status}`,
        BUSY.includes(status) ? longerThanAnyway(retryAfterMs) : undefined,
      );
    }
  }
};

/** What people hand over themselves may be anything: without a moment or a run it is no event, and never will be one. */
const isSendable = ({ event, onboardingRunId }: Delivery): boolean =>
  !Number.isNaN(new Date(event.at).getTime()) && /^[\w-]{1,100}$/.test(onboardingRunId);

const deliverEvent = async (
  endpoints: CallbackEndpoints,
  places: Places,
  delivery: Delivery,
): Promise<DeliveryOutcome> => {
  if (!isSendable(delivery)) return { kind: 'givenUp', problem: 'it has no moment or no run, and cannot be sent' };
  const { callbacks, event, onboardingRunId } = delivery;
  const found = await endpoints.find(callbacks.endpoint);
  if (E.isLeft(found)) throw misconfigured(found.left);
  const kind = activityInfo().isLocal ? 'quick' : 'durable';
  const timeout = AbortSignal.timeout(TIMEOUT_MS[kind]);
  const cancelled = cancellationSignal();
  const message = messageOf(event, onboardingRunId, callbacks.id);
  const signal = AbortSignal.any([timeout, cancelled]);
  const sent = await places
    .take(callbacks.endpoint, kind, () => send(found.right, message, signal))
    .catch((error: unknown) => {
      if (cancelled.aborted) throw new CancelledFailure('cancelled while sending an event');
      if (!timeout.aborted) throw error;
      places.noteSilence(callbacks.endpoint);
      throw undelivered(`the receiver did not answer within ${TIMEOUT_MS[kind] / 1_000} s`);
    });
  if (sent === undefined) throw crowded();
  return outcomeOf(sent);
};

/**
 * Sends events to these endpoints, each once.
 *
 * @throws ApplicationFailure `CallbackUndelivered` or `CallbackMisconfigured`, both worth another try; the message holds no address.
 */
export const eventDelivery = (endpoints: CallbackEndpoints): CallbackActivities['deliverEvent'] => {
  const places = new Places();
  return (input) => deliverEvent(endpoints, places, input);
};
