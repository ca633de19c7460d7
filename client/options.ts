import * as t from 'io-ts';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { decodeFields, refined, wholeNumber } from '../shared/decoding.js';
import { DAY_MS } from '../shared/time.js';
import { orThrow } from './errors.js';

export interface OnboardingClientOptions {
  /**
   * The secret of the contact keys (keyed hashes of email and phone). At least 16 characters, and the same in every
   * client.
   */
  readonly contactKey: string;
  /** The task queue of the workers. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** The default timeout of calls, in ms. Default 30 s. */
  readonly timeoutMs?: number;
  /**
   * How long search attributes may show a check as pending after a report that it has passed, in ms: from 0 to one day.
   * Each publication is a history event and a billable action. Default 5 minutes.
   */
  readonly publishChecksWithinMs?: number;
}

const CheckedOptions = t.type({
  contactKey: refined(t.string, 'a secret of at least 16 characters', (key) => key.length >= 16),
  publishChecksWithinMs: wholeNumber(0, DAY_MS),
});

/** Returns the options with their defaults. @throws OnboardingError `InvalidRequest` if an option is wrong. */
export const readOptions = ({
  contactKey,
  taskQueue = DEFAULT_TASK_QUEUE,
  timeoutMs,
  publishChecksWithinMs = PUBLISH_CHECKS_WITHIN_MS,
}: OnboardingClientOptions) => ({
  ...orThrow(decodeFields(CheckedOptions)({ contactKey, publishChecksWithinMs })),
  taskQueue,
  timeoutMs,
});
