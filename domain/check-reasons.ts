/** Why an attempt at a check failed, each with the sentence that users read. */
export const FAILURE_REASONS = {
  faceCloseToBorder: 'The face was too close to the edge of the picture.',
  faceNotCentered: 'The face was not in the centre of the picture.',
  faceOccluded: 'The face was covered.',
  faceRotated: 'The face was turned too far.',
  faceTooClose: 'The face was too close to the camera.',
  faceTooFar: 'The face was too far from the camera.',
  severalFaces: 'The picture showed several faces.',
  noFace: 'The picture showed no face.',
  poorLighting: 'The lighting was too poor.',
  livenessFailed: 'Verifik could not tell that the selfie shows a live person.',
  livenessError: 'Verifik could not examine the selfie.',
  documentNumberUnreadable: "The document's number could not be read.",
  documentTypeUnknown: 'The type of the document was not recognised.',
  imageMissing: 'An image of the document was missing.',
  imageUrlInsecure: 'The image of the document was not sent over HTTPS.',
  templateMissing: 'Verifik has no template for the document.',
  codeExpired: 'The one-time code expired, or its attempts were used up.',
  unspecified: 'Verifik gave no reason, or one that is not documented.',
} as const;

/** Why a check waits for a reviewer, each with the sentence that users read. */
export const REVIEW_REASONS = {
  documentUsedElsewhere: 'Another record at Verifik uses the same document, which can be a sign of fraud.',
  faceMismatch: 'The face on the selfie does not match the one on the document.',
  comparisonMissing: 'Verifik has not compared the selfie with the document.',
  noPortrait: 'Verifik found no portrait on the document to compare the selfie with.',
  namesDiffer: 'The name on the document differs from the given one.',
  documentNotSupported: 'Verifik cannot look up this type of document.',
  documentTypeUndetected: 'Verifik did not detect the type of the document.',
  lookupUnavailable: 'Verifik could not look up the document with its issuer.',
  lookupInvalid: 'The issuer of the document answered with an invalid name.',
  manualReview: 'A manual review was requested at Verifik.',
  lookupTimedOut: "Verifik's examination of the document timed out.",
  documentExpired: 'The document has expired, and the policy limits the validity of the outcome.',
  documentUnverified: 'The document is active, but Verifik could not verify it.',
  completedWithoutCheck: 'Verifik completed the registration without this check.',
  attemptsUncertain: 'More failed attempts were reported than the policy permits, and Verifik shows fewer.',
  contactChanged: "The contact was changed on Verifik's page.",
  approvalRequired: 'The policy requires an approval of each applicant whose checks have passed.',
  unspecifiedReview: 'Verifik gave no reason for the review, or one that is not documented.',
} as const;

export type FailureReason = keyof typeof FAILURE_REASONS;
export type ReviewReason = keyof typeof REVIEW_REASONS;
export type CheckReason = FailureReason | ReviewReason;

export const CHECK_REASONS: Readonly<Record<CheckReason, string>> = { ...FAILURE_REASONS, ...REVIEW_REASONS };

const isReason = (code: string): code is CheckReason => Object.hasOwn(CHECK_REASONS, code);

export const CHECK_REASON_CODES: readonly CheckReason[] = Object.keys(CHECK_REASONS).filter(isReason);
