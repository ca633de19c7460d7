import type { CheckReason, FailureReason } from '../domain/check-reasons.js';
import { codeWordOf, textOf } from './decode.js';

/** Verifik's words for pictures of a poor quality, which use up no attempt. */
const QUALITY_WORDS: Readonly<Record<string, FailureReason>> = {
  face_close_to_border: 'faceCloseToBorder',
  face_not_centered: 'faceNotCentered',
  face_occluded: 'faceOccluded',
  face_rotation_too_large: 'faceRotated',
  face_too_close: 'faceTooClose',
  face_too_far: 'faceTooFar',
  multiple_faces_detected: 'severalFaces',
  no_face_detected: 'noFace',
  poor_lighting: 'poorLighting',
};

const FAILURE_WORDS: Readonly<Record<string, CheckReason>> = {
  ...QUALITY_WORDS,
  liveness_failed: 'livenessFailed',
  liveness_error: 'livenessError',
  document_number_is_not_extracted: 'documentNumberUnreadable',
  document_type_not_detected: 'documentTypeUnknown',
  existing_document_validation_with_document_number: 'documentUsedElsewhere',
  image_is_required: 'imageMissing',
  insecure_image_url: 'imageUrlInsecure',
  prompt_template_not_found: 'templateMissing',
};

const REVIEW_WORDS: Readonly<Record<string, CheckReason>> = {
  document_face_not_provided: 'noPortrait',
  document_not_supported: 'documentNotSupported',
  document_type_not_detected: 'documentTypeUndetected',
  validation_not_available: 'lookupUnavailable',
  invalid_name_response_from_api: 'lookupInvalid',
  manual_review: 'manualReview',
  manual_review_requested: 'manualReview',
  validation_timeout: 'lookupTimedOut',
};

const wordOf = (value: unknown): string => codeWordOf(textOf(value) ?? '');

const lookUp = (words: Readonly<Record<string, CheckReason>>, word: string): CheckReason | undefined =>
  Object.hasOwn(words, word) ? words[word] : undefined;

/** Returns why an attempt failed. A raw message, which can contain anything, becomes `unspecified`. */
export const failureReason = (failedReason: unknown): CheckReason =>
  lookUp(FAILURE_WORDS, wordOf(failedReason)) ?? 'unspecified';

/** True if Verifik rejected a picture for its quality, which uses up no attempt. */
export const isQualityReject = (failedReason: unknown): boolean => Object.hasOwn(QUALITY_WORDS, wordOf(failedReason));

/** The fields of a populated document validation that say why it waits for people. */
export interface DocumentFields {
  readonly status?: unknown;
  readonly scoreValidated?: unknown;
  readonly imageValidated?: unknown;
  readonly namesMatch?: unknown;
  readonly infoValidationSupportedReason?: unknown;
  readonly manualVerificationReason?: unknown;
  readonly documentFaceReason?: unknown;
}

/** Returns why a document waits for people. Names are compared only where Verifik has measured both. */
export const documentReviewReason = (fields: DocumentFields): CheckReason => {
  const words = [fields.infoValidationSupportedReason, fields.manualVerificationReason, fields.documentFaceReason];
  const named = words.flatMap((word) => lookUp(REVIEW_WORDS, wordOf(word)) ?? [])[0];
  if (named !== undefined) return named;
  const isMeasured = fields.scoreValidated === true && fields.imageValidated === true;
  if (isMeasured && fields.namesMatch === false) return 'namesDiffer';
  return wordOf(fields.status) === 'active_but_unverified' ? 'documentUnverified' : 'unspecifiedReview';
};
