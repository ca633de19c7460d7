import type { CheckReason } from '../check-reasons.js';
import { CHECK_NAMES, type CheckName } from '../checks.js';
import { allChecksConfirmed, isRequired, type State } from '../state.js';

/** Returns the checks under review, or only `check` if it is one of them. */
export const underReview = (state: State, check?: CheckName): readonly CheckName[] =>
  CHECK_NAMES.filter((name) => state.checks[name].status === 'inReview' && (check === undefined || check === name));

/** True while the applicant has to do a check after a reviewer requested some again. */
export const isRepeating = ({ repeatRequested, checks }: State): boolean =>
  repeatRequested === true &&
  CHECK_NAMES.some((name) => checks[name].status === 'pending' || checks[name].status === 'failed');

/** True while every check has passed, and the approval that the policy requires is missing. */
export const awaitsRequiredApproval = (state: State): boolean =>
  state.policy.approval === 'required' && state.requiredApprovalBy === undefined && allChecksConfirmed(state);

/** True if Verifik leaves the registration as a whole to a reviewer. */
export const isInReview = ({ progress }: State): boolean =>
  progress.phase === 'validating' && progress.registration.status === 'needsReview';

/**
 * True if a check, or the registration as a whole, awaits a reviewer's decision. Verifik holds the registration on
 * while the applicant repeats checks.
 */
export const awaitsReview = (state: State): boolean => {
  if (state.progress.phase !== 'validating') return false;
  const isHeld = isInReview(state) && state.approvedBy === undefined && !isRepeating(state);
  return underReview(state).length > 0 || isHeld || awaitsRequiredApproval(state);
};

/** Returns why a reviewer has to decide, each reason once. */
export const reviewReasons = (state: State): readonly CheckReason[] => [
  ...new Set([
    ...underReview(state).flatMap((name) => {
      const check = state.checks[name];
      return isRequired(check) ? (check.reason ?? []) : [];
    }),
    ...(awaitsRequiredApproval(state) ? (['approvalRequired'] as const) : []),
  ]),
];

/** A 32-bit FNV-1a hash in hexadecimal digits. */
const hash = (text: string): string => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
};

/**
 * Identifies what is under review: the registration, its status and generation, and each check with its validation and
 * reason; all checks, where the policy requires an approval of what they say together. A reviewer names the version
 * that they saw.
 */
export const reviewVersion = (state: State): string => {
  const { progress, generation } = state;
  const registration = progress.phase === 'validating' ? progress.registration : undefined;
  const checks = (awaitsRequiredApproval(state) ? CHECK_NAMES : underReview(state)).map((name) => {
    const check = state.checks[name];
    return isRequired(check) ? [name, check.validationId, check.reason] : [name];
  });
  return hash(JSON.stringify([registration?.appRegistrationId, generation, isInReview(state), checks]));
};
