/** Verifik's reasons for a bad image of a face. They do not use up an attempt. */
const QUALITY_REASONS = [
  'face_close_to_border',
  'face_not_centered',
  'face_occluded',
  'face_rotation_too_large',
  'face_too_close',
  'face_too_far',
  'multiple_faces_detected',
  'no_face_detected',
  'poor_lighting',
] as const;

/** Verifik's reasons for a failed selfie that use up an attempt. */
const LIVENESS_REASONS = ['liveness_failed', 'liveness_error'] as const;

const DOCUMENT_REASONS = [
  'document_number_is_not_extracted',
  'document_type_not_detected',
  'existing_document_validation_with_document_number',
  'image_is_required',
  'insecure_image_url',
  'prompt_template_not_found',
] as const;

/** The documented reasons of failed attempts. */
export const FAILED_REASONS = {
  document: DOCUMENT_REASONS,
  biometric: [...QUALITY_REASONS, ...LIVENESS_REASONS],
} as const;

export type FailedReason = (typeof FAILED_REASONS)['document' | 'biometric'][number];

const wordOf = (reason: string): string => reason.replace(/^\d+:/, '');

const includes = (words: readonly string[], word: string): boolean => words.includes(word);

/** True if a forced outcome is the reason of a failure instead of a status. */
export const isFailedReason = (kind: 'document' | 'biometric', word: string): boolean =>
  includes(FAILED_REASONS[kind], wordOf(word));

/** True if a failure with this reason uses up an attempt. */
export const usesUpAttempt = (reason: string | undefined): boolean =>
  reason === undefined || !includes(QUALITY_REASONS, wordOf(reason));
