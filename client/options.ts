import * as t from 'io-ts';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { decodeFields, refined, wholeNumber } from '../shared/decoding.js';
import { DAY_MS } from '../shared/time.js';
import { orThrow } from './errors.js';

export interface OnboardingClientOptions {
  /** Secret for the keyed hashes under which onboardings are found by contact. At least 16 characters; the same in every client. */
  readonly contactKey: string;
  /** The task queue that the workers serve. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** How long calls wait for an answer unless told otherwise, in ms. Default 30 s. */
  readonly timeoutMs?: number;
  /**
   * How long the list, and whatever else searches, may still call a check pending that has been reported as passed, in ms: 0 for not at all,
   * a day at most. Each publication is an event and a billable action. Default 5 minutes.
   */
  readonly publishChecksWithinMs?: number;
}

const Checked = t.type({
  contactKey: refined(t.string, 'a secret of at least 16 characters', (key) => key.length >= 16),
  publishChecksWithinMs: wholeNumber(0, DAY_MS),
});

/** The options with their defaults. Throws `OnboardingError` `InvalidRequest` where one is wrong. */
export const readOptions = ({
  contactKey,
  taskQueue = DEFAULT_TASK_QUEUE,
  timeoutMs,
  publishChecksWithinMs = PUBLISH_CHECKS_WITHIN_MS,
}: OnboardingClientOptions) => ({
  ...orThrow(decodeFields(Checked)({ contactKey, publishChecksWithinMs })),
  taskQueue,
  timeoutMs,
});
