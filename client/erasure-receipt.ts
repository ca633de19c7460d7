/** What an erasure has done. Holds no personal data. */
export interface Erased {
  /** How many runs were deleted: 0 where there was nothing, or nothing any more. */
  readonly runs: number;
  /** The app registrations that the deleted runs knew of. Nothing in Temporal names them any more. */
  readonly appRegistrationIds: readonly string[];
}

/** The answer to an erasure, to be kept as the record of it. Holds no personal data. */
export interface ErasureReceipt extends Erased {
  /** As it was given; for a customer without one, what their workflow id has after `onboarding-`. */
  readonly reference: string;
  /** When nothing was left. ms since the Unix epoch. */
  readonly erasedAt: number;
  /** What is still kept elsewhere, in plain sentences. */
  readonly stillKept: readonly string[];
}

const atVerifik = (ids: readonly string[]): string =>
  ids.length === 0
    ? "Verifik's API documents no deletion, and no app registration was known here (the receipt of an earlier erasure may name some): what Verifik has of this customer stays there until Verifik is asked to delete it."
    : `Verifik's API documents no deletion: the app registrations ${ids.join(', ')} stay there, with their validations, images and documents, until Verifik is asked to delete them.`;

/** What an erasure cannot reach. */
export const stillKept = (appRegistrationIds: readonly string[]): readonly string[] => [
  atVerifik(appRegistrationIds),
  'An app registration that was just being made when the erasure came may be at Verifik without being named here.',
  'Backups, archives and exports of the Temporal server keep what they hold until they run out.',
  'Legal holds that were lifted stay in Temporal until its retention ends: who placed and lifted them, when and why.',
];
