import { Refusal } from '../answers/refusals.js';
import { LIVE_SCORE } from '../answers/validation-views.js';
import { isFailed, isPassed } from '../answers/words.js';
import type { Registration, Validation } from '../model.js';
import type { SandboxState } from '../state.js';
import { flowOf } from './flow.js';
import { takeForced } from './outcomes.js';
import { type FailedReason, isFailedReason, usesUpAttempt } from './reasons.js';

export type ImageKind = 'document' | 'biometric';

/** The result of a document or selfie. With a `reason` of Verifik's lists, Verifik refuses the image. */
export interface ImageResult {
  readonly status: string;
  readonly refusal?: FailedReason;
  readonly recordedReason?: string;
  readonly hasNoPortrait?: true;
}

const FAILED = { document: 'documentFailed', biometric: 'biometricFailed' } as const;
const PASSED = { document: 'documentPassed', biometric: 'biometricPassed' } as const;

/** Returns the result that is not forced: a selfie fails if the flow requires a higher liveness score. */
const usualStatus = (state: SandboxState, kind: ImageKind): string => {
  const isLive = kind === 'document' || LIVE_SCORE >= flowOf(state.settings).minScore;
  return state.word((isLive ? PASSED : FAILED)[kind]);
};

/** Takes the forced result of a document or selfie. Default: passed. */
export const takeResult = (state: SandboxState, { outcomes }: Registration, kind: ImageKind): ImageResult => {
  const word = takeForced(outcomes, kind);
  const recordedReason = takeForced(outcomes, `${kind}Reason`);
  if (word === undefined && recordedReason === undefined) return { status: usualStatus(state, kind) };
  if (word === 'noportrait') return { status: state.word(PASSED[kind]), hasNoPortrait: true };
  if (word !== undefined && isFailedReason(kind, word))
    // Document reasons are recorded with the status of the error.
    return {
      status: state.word(FAILED[kind]),
      refusal: word as FailedReason,
      recordedReason: kind === 'document' ? `409:${word}` : word,
    };
  return {
    status: word ?? state.word(FAILED[kind]),
    ...(recordedReason === undefined ? {} : { recordedReason }),
  };
};

/** Refuses a document or selfie after a passed one, unless it is forced, or beyond the attempt limit. */
export const checkAttempt = (
  state: SandboxState,
  registration: Registration,
  kind: ImageKind,
  force: boolean,
): void => {
  if (!force && isPassed(registration.validations[kind]?.status ?? ''))
    throw new Refusal(kind === 'document' ? 'already_exists' : 'person_already_set');
  if (state.settings.attemptLimits === 'shown') return;
  const { documentAttempts, livenessAttempts } = flowOf(state.settings);
  const limit = kind === 'document' ? documentAttempts : livenessAttempts;
  const used = (registration.failed ?? []).filter((one) => one.kind === kind && usesUpAttempt(one.failedReason));
  if (used.length >= limit) throw new Refusal('attempts_limit_reached');
};

/**
 * Records a failed document or selfie in the registration's array of failed ones. If the failed one does not remain
 * the current one, the previous one does.
 */
export const recordFailure = (
  state: SandboxState,
  registration: Registration,
  validation: Validation,
  previous: Validation | undefined,
): void => {
  const { kind, failedReason, status } = validation;
  if (!isFailed(status)) return;
  registration.failed = [...(registration.failed ?? []), validation];
  if (state.settings.failedValidations === 'kept' && usesUpAttempt(failedReason)) return;
  if (previous === undefined || isFailed(previous.status)) delete registration.validations[kind];
  else registration.validations[kind] = previous;
};

/** Gives a validation its result. */
export const applyResult = (state: SandboxState, validation: Validation, result: ImageResult): void => {
  state.setResult(validation, result.status);
  if (result.recordedReason !== undefined) validation.failedReason = result.recordedReason;
  if (result.hasNoPortrait) validation.hasNoPortrait = true;
};
