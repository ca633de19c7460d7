import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { type CallbackActivities, DELIVERY_RETRY, type DeliveryOutcome } from '../../contract/activities.js';
import { timeLimit } from '../../shared/time-limit.js';
import type { AttachEvidence } from './attach-evidence.js';
import { ConcurrencyLimiter } from './concurrency-limiter.js';
import type { CallbackEndpoints } from './endpoints.js';
import { messageOf, type Sent, send } from './send.js';

type Delivery = Parameters<CallbackActivities['deliverEvent']>[0];

/** Shorter than the activity's timeout. */
const TIMEOUT_MS = 15_000;

const OVERLOADED_RETRY_MS = 30_000;

const GONE = 410;

/** The statuses with which `Retry-After` is respected. */
const BUSY: readonly number[] = [429, 503];

/** Creates a failure that an operator must correct. It is not benign, so that it triggers alerts. */
const misconfigured = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'CallbackMisconfigured', message });

/** Creates a failure of the receiver, which is expected from time to time. */
const undelivered = (message: string, retryAfterMs?: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'CallbackUndelivered',
    message,
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });

/** Returns the delay if it is longer than the retry policy's. A shorter one would disable the backoff. */
const ifLongerThanBackoff = (retryAfterMs: number | undefined): number | undefined => {
  const { attempt } = activityInfo();
  const { initialMs, coefficient, maximumMs } = DELIVERY_RETRY;
  const backoffMs = Math.min(initialMs * coefficient ** (attempt - 1), maximumMs);
  return retryAfterMs !== undefined && retryAfterMs > backoffMs ? retryAfterMs : undefined;
};

const overloaded = (): ApplicationFailure =>
  undelivered('the receiver has too many requests in flight', ifLongerThanBackoff(OVERLOADED_RETRY_MS));

const outcomeOf = (sent: Sent): DeliveryOutcome => {
  switch (sent.kind) {
    case 'privateAddress':
      throw misconfigured('The address is in a private network. Add its host to allowedHosts to permit this.');
    case 'unreachable':
      throw undelivered(`the receiver could not be reached (${sent.code})`);
    case 'answered': {
      const { status, retryAfterMs } = sent;
      if (status >= 200 && status < 300) return { kind: 'delivered' };
      if (status === GONE)
        return { kind: 'abandoned', problem: `the receiver responded with ${status}: it does not accept the event` };
      throw undelivered(
        `the receiver responded with ${status}`,
        BUSY.includes(status) ? ifLongerThanBackoff(retryAfterMs) : undefined,
      );
    }
  }
};

/** False for a delivery with an invalid time or run id, which a signal sent by hand may contain. */
const isSendable = ({ event, onboardingRunId }: Delivery): boolean =>
  !Number.isNaN(new Date(event.at).getTime()) && /^[\w-]{1,100}$/.test(onboardingRunId);

export interface DeliveryDependencies {
  readonly endpoints: CallbackEndpoints;
  readonly attachEvidence: AttachEvidence;
}

const deliverEvent = async (
  { endpoints, attachEvidence, limiter }: DeliveryDependencies & { readonly limiter: ConcurrencyLimiter },
  delivery: Delivery,
): Promise<DeliveryOutcome> => {
  if (!isSendable(delivery)) return { kind: 'abandoned', problem: 'its time or its run id is invalid' };
  const { callbacks, event, onboardingRunId } = delivery;
  const found = await endpoints.find(callbacks.endpoint);
  if (E.isLeft(found)) throw misconfigured(found.left);
  const takesEvidence = found.right.takesEvidence && event.type === 'onboarding.ended';
  const evidence = takesEvidence ? await attachEvidence(onboardingRunId) : undefined;
  const cancelled = cancellationSignal();
  const message = messageOf(event, onboardingRunId, callbacks.id, evidence);
  const { signal, clear } = timeLimit(TIMEOUT_MS, cancelled);
  const sent = await limiter
    .run(callbacks.endpoint, () => send(found.right, message, signal))
    .catch((error: unknown) => {
      if (cancelled.aborted) throw new CancelledFailure('cancelled while sending an event');
      if (!signal.aborted) throw error;
      throw undelivered(`the receiver did not respond within ${TIMEOUT_MS / 1_000} s`);
    })
    .finally(clear);
  if (sent === undefined) throw overloaded();
  return outcomeOf(sent);
};

/**
 * Creates the activity that sends an event to its endpoint, in one attempt.
 *
 * @throws ApplicationFailure `CallbackUndelivered` or `CallbackMisconfigured`, both retryable. The message contains no
 * address.
 */
export const eventDelivery = (dependencies: DeliveryDependencies): CallbackActivities['deliverEvent'] => {
  const limiter = new ConcurrencyLimiter();
  return (input) => deliverEvent({ ...dependencies, limiter }, input);
};
