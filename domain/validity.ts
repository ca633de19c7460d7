import type { EpochMs } from '../shared/time.js';
import { isRequired, type State } from './state.js';

/** True if the expiry of the document can shorten the validity of the outcome, so that a read has to return it. */
export const needsDocumentExpiry = ({ policy, checks }: State): boolean =>
  policy.verifiedForMs !== undefined && isRequired(checks.document);

/** A reviewer who approves an expired document accepts it for the whole validity. */
const documentEnd = ({ checks: { document } }: State): EpochMs =>
  (isRequired(document) && document.reason !== 'documentExpired' ? document.expiresAt : undefined) ??
  Number.POSITIVE_INFINITY;

/**
 * Returns the end of the validity of an onboarding that is verified now: after `policy.verifiedForMs`, or earlier with
 * the document. `undefined` if the policy sets no limit.
 */
export const validityEnd = (state: State, now: EpochMs): EpochMs | undefined => {
  const { verifiedForMs } = state.policy;
  return verifiedForMs === undefined ? undefined : Math.min(now + verifiedForMs, documentEnd(state));
};
