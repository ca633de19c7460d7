import type { EpochMs } from '../shared/time.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** Later years have more digits, and another place in the order of texts. In ms since the Unix epoch. */
export const LAST_VALIDITY = Date.UTC(10_000, 0) - 1;

/** Returns the value of `OnboardingValidUntil`. Texts of this form are in the order of their times. */
export const validUntilText = (at: EpochMs): string => new Date(at).toISOString();

/** Returns the visibility condition of onboardings whose validity ends before a time. */
export const validBefore = (at: EpochMs): string => `${SEARCH_ATTRIBUTES.validUntil.name} < "${validUntilText(at)}"`;
