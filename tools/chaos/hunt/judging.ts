import type { OnboardingResult } from '../../../client/index.js';
import type { RegistrationStatus } from '../../sandbox/index.js';
import { found } from '../judging/conditions.js';
import { openChecks } from '../judging/invariants.js';
import type { Subject } from './calls.js';
import type { Environment } from './environment.js';

/** A promise that was broken, and the workflow that broke it. */
export interface Finding {
  readonly workflowId: string;
  readonly what: string;
}

const contradictions = (
  { outcome, reason, appRegistrationId }: OnboardingResult,
  { isWithdrawn, isRejected, isFailed, isForgotten, started }: Subject,
  statuses: readonly RegistrationStatus[],
): readonly string[] => {
  const status = statuses.find(({ _id }) => _id === appRegistrationId);
  // A registration that was forgotten after the end has no status any longer.
  if (isForgotten && appRegistrationId === started.appRegistrationId) return [];
  if (outcome === 'verified' && status === undefined) return ['verified, and Verifik has no such registration'];
  // A reviewer decides the document alone here.
  const wrong = openChecks(status).filter((check) => !(check === 'document' && reason === 'approvedByReviewer'));
  return found(
    outcome === 'verified' && wrong.length > 0 && `verified, and Verifik has not passed ${wrong.join(', ')}`,
    outcome === 'withdrawn' && !isWithdrawn && 'withdrawn, and nobody has asked for it',
    reason === 'rejectedByReviewer' && !isRejected && 'rejected, and no reviewer has',
    // After a reset, an onboarding can read the status that it set at Verifik after a rejection.
    reason === 'failedAtVendor' && !isFailed && !isRejected && 'rejected as failed at Verifik, which nobody has set',
  );
};

/** Compares the outcome of an onboarding with the sandbox and with the calls that were made. */
export const judgeOutcome = async (
  { onboardings }: Environment,
  subject: Subject,
  end: string,
  statuses: readonly RegistrationStatus[],
): Promise<readonly Finding[]> => {
  const { workflowId } = subject.started;
  if (end.startsWith('stuck')) return [{ workflowId, what: end }];
  const result = await onboardings.result(workflowId);
  return contradictions(result, subject, statuses).map((what) => ({ workflowId, what }));
};
