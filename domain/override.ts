import type { Policy } from './policy/policy.js';
import { isRequired, type State } from './state.js';

/** A status that is set at Verifik because of the outcome. */
export interface Override {
  readonly appRegistrationId: string;
  readonly status: 'completed' | 'completedWithoutKyc' | 'failed';
  /** For people who look at the registration at Verifik. */
  readonly note: string;
}

const applies = (override: Policy['override'], reason: string): boolean =>
  override === 'ends' ||
  (override === 'reviews' && (reason === 'approvedByReviewer' || reason === 'rejectedByReviewer'));

/**
 * Returns the status to set at Verifik: if the onboarding has ended with an outcome that Verifik's status contradicts.
 */
export const overrideOf = ({ progress, policy, checks }: State): Override | undefined => {
  if (progress.phase !== 'ended' || progress.registration === undefined) return undefined;
  const { decision, registration } = progress;
  if (!applies(policy.override, decision.reason)) return undefined;
  const { appRegistrationId, status: current } = registration;
  const note = decision.sentence;
  if (decision.outcome === 'rejected')
    return current === 'failed' ? undefined : { appRegistrationId, status: 'failed', note };
  if (decision.outcome !== 'verified' || current === 'completed' || current === 'completedWithoutKyc') return undefined;
  const hasKyc = isRequired(checks.document) || isRequired(checks.biometric);
  return { appRegistrationId, status: hasKyc ? 'completed' : 'completedWithoutKyc', note };
};
