import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import { EncryptionCodec } from '../codec/encryption-codec.js';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { decodeFields, refined, wholeNumber } from '../shared/decoding.js';
import { DAY_MS } from '../shared/time.js';
import { timeLimit } from '../shared/time-limit.js';
import { withDeadline } from './deadlines.js';
import { OnboardingError, orThrow, withOnboardingErrors } from './errors.js';
import { unlessNotFound } from './runs.js';
import { untilClosed } from './until-closed.js';

export interface BatchClientOptions {
  /** The task queue of the workers. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** The default timeout of calls, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface OnboardingClientOptions extends BatchClientOptions {
  /**
   * The secret of the contact keys (keyed hashes of email and phone). At least 16 characters, and the same in every
   * client.
   */
  readonly contactKey: string;
  /**
   * How long search attributes may show a check as pending after a report that it has passed, in ms: from 0 to one day.
   * Each publication is a history event and a billable action. Default 5 minutes.
   */
  readonly publishChecksWithinMs?: number;
}

/** The options of onboardings. docs/client.md has their limits. */
export const OwnOptions = t.type({
  contactKey: refined(t.string, 'a secret of at least 16 characters', (key) => key.length >= 16),
  publishChecksWithinMs: wholeNumber(0, DAY_MS),
});

/** Returns the options of onboardings with their defaults. @throws OnboardingError `InvalidRequest` if one is wrong. */
export const readOptions = ({
  contactKey,
  publishChecksWithinMs = PUBLISH_CHECKS_WITHIN_MS,
}: OnboardingClientOptions): t.TypeOf<typeof OwnOptions> =>
  orThrow(decodeFields(OwnOptions)({ contactKey, publishChecksWithinMs }));

export interface CallOptions {
  /** The timeout of the call, in ms. Default: that of the client. */
  readonly timeoutMs?: number;
}

/** The options of a call that waits for an end. Default: without limit. */
export interface WaitOptions extends CallOptions {
  /** Ends the call with `TimedOut`, as `timeoutMs` does. */
  readonly signal?: AbortSignal;
}

export interface OnceOptions extends CallOptions {
  /**
   * Your own key for the call, 1 to 255 characters. A repeated call with the same key and content has no further effect
   * and returns the same result.
   */
  readonly idempotencyKey?: string;
}

export const DEFAULT_TIMEOUT_MS = 30_000;

/** The Temporal client of a client, its task queue, and the deadline of its calls. */
export class Calls {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly #timeoutMs: number;

  /** @throws OnboardingError `EncryptionKeys` if the Temporal client would send payloads unencrypted. */
  constructor(temporal: Client, { taskQueue, timeoutMs }: BatchClientOptions) {
    const message = 'dataConverter of the Temporal client: expected onboardingDataConverter()';
    if (!temporal.options.loadedDataConverter.payloadCodecs.some((codec) => codec instanceof EncryptionCodec))
      throw new OnboardingError('EncryptionKeys', message);
    this.temporal = temporal;
    this.taskQueue = taskQueue ?? DEFAULT_TASK_QUEUE;
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Makes a call with a deadline, `timeoutMs` from now or the client's default. Throws only `OnboardingError`. */
  within<A>({ timeoutMs = this.#timeoutMs }: CallOptions, call: () => Promise<A>): Promise<A> {
    return withOnboardingErrors(() => withDeadline(this.temporal, Date.now() + timeoutMs, call));
  }

  /**
   * Waits until a workflow has closed, and makes the call that reads its result: without options, without limit. Throws
   * only `OnboardingError`.
   */
  async afterEnd<A>(workflowId: string, { timeoutMs, signal }: WaitOptions, result: () => Promise<A>): Promise<A> {
    if (timeoutMs === undefined && signal === undefined) return withOnboardingErrors(result);
    const limit = timeLimit(timeoutMs ?? Number.POSITIVE_INFINITY, ...(signal === undefined ? [] : [signal]));
    try {
      await withOnboardingErrors(() => unlessNotFound(untilClosed(this.temporal, workflowId, limit.signal)));
      return await this.within({}, result);
    } finally {
      limit.clear();
    }
  }
}
