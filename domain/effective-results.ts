import type { EpochMs } from '../shared/time.js';
import { type CheckName, type PerCheck, perCheck } from './checks.js';
import { contactChanges } from './contact-changes.js';
import { reportsOn } from './reports.js';
import { isRequired, type State } from './state.js';
import type { RegistrationStatus, VendorCheck, VendorRegistration } from './vendor-registration.js';

const isCompleted = (status: RegistrationStatus): boolean => status === 'completed' || status === 'completedWithoutKyc';

/** Returns a check as the read shows it, without validations from before a re-registration or a batch. */
const shown = ({ voidedValidationIds }: State, read: VendorRegistration, name: CheckName): VendorCheck => {
  const check = read.checks[name];
  if (check === undefined) return { result: 'pending' };
  const isVoid = (id: string): boolean => voidedValidationIds.includes(id);
  const { failedAttempts, ...current } = check;
  return {
    ...(current.validationId !== undefined && isVoid(current.validationId) ? { result: 'pending' as const } : current),
    ...(failedAttempts === undefined ? {} : { failedAttempts: failedAttempts.filter((id) => !isVoid(id)) }),
  };
};

/**
 * The comparison of the faces decides where a document and a selfie are required. Verifik compares them after the
 * selfie, and may never do so.
 */
const needsComparison = ({ checks }: State): boolean => isRequired(checks.document) && isRequired(checks.biometric);

/** Returns since when the comparison is awaited: since the first read that showed document and selfie without it. */
export const comparisonAwaited = (
  state: State,
  read: VendorRegistration,
  at: EpochMs,
): State['comparisonAwaited'] | undefined => {
  const [document, biometric] = [shown(state, read, 'document'), shown(state, read, 'biometric')];
  if (!needsComparison(state) || read.comparison !== undefined || biometric.result !== 'passed') return undefined;
  const isDocumentDone = document.result === 'passed' || document.result === 'inReview';
  return isDocumentDone ? { since: state.comparisonAwaited?.since ?? at } : {};
};

const compared = (
  state: State,
  read: VendorRegistration,
  biometric: VendorCheck,
  waitedMs: number | undefined,
): VendorCheck => {
  if (biometric.result !== 'passed') return biometric;
  if (read.comparison === 'mismatch') return { ...biometric, result: 'inReview', reason: 'faceMismatch' };
  if (!needsComparison(state) || read.comparison === 'match') return biometric;
  if (read.checks.document?.reason === 'noPortrait') return { ...biometric, result: 'inReview', reason: 'noPortrait' };
  return waitedMs !== undefined && waitedMs >= state.policy.comparisonWithinMs
    ? { ...biometric, result: 'inReview', reason: 'comparisonMissing' }
    : { ...biometric, result: 'pending' };
};

/**
 * Puts a passed check under review if more failures were reported than the policy permits, and Verifik shows fewer. A
 * read that lists the failed validations is certain.
 */
const withCertainAttempts = (state: State, name: CheckName, read: VendorCheck): VendorCheck => {
  const check = state.checks[name];
  if (read.result !== 'passed' || read.failuresListed === true || !isRequired(check)) return read;
  const reported = reportsOn(state, name).flatMap(({ result, validationId }) =>
    result === 'failed' ? (validationId ?? []) : [],
  );
  const failed = new Set([...check.failedValidations, ...check.reportedFailures, ...reported]);
  return failed.size >= state.policy.attemptLimits[name]
    ? { ...read, result: 'inReview', reason: 'attemptsUncertain' }
    : read;
};

/** Puts a passed document under review if it has expired since, or already had. */
const withValidDocument = (read: VendorCheck, at: EpochMs): VendorCheck =>
  read.result === 'passed' && read.expiresAt !== undefined && read.expiresAt < at
    ? { ...read, result: 'inReview', reason: 'documentExpired' }
    : read;

/**
 * Returns what a read means for each check: without contradictions, and as passed only if nothing that people or
 * Verifik have yet to decide is left.
 */
export const effectiveResults = (state: State, read: VendorRegistration, at: EpochMs): PerCheck<VendorCheck> => {
  const changedChannels = state.policy.contactChange === 'review' ? contactChanges(state.contact, read.contact) : [];
  const since = comparisonAwaited(state, read, at)?.since;
  const waitedMs = since === undefined ? undefined : at - since;
  return perCheck((name) => {
    const current = shown(state, read, name);
    const result = name === 'biometric' ? compared(state, read, current, waitedMs) : current;
    if (result.result === 'passed' && changedChannels.some((channel) => channel === name))
      return { ...result, result: 'inReview', reason: 'contactChanged' };
    // Verifik completed the registration without this check. Neither side can finish it, so a reviewer decides.
    if (isCompleted(read.status) && result.result !== 'passed' && waitedMs === undefined)
      return { reason: 'completedWithoutCheck', ...result, result: 'inReview' };
    return withValidDocument(withCertainAttempts(state, name, result), at);
  });
};
