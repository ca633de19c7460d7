/** The work of an erasure. Contains no personal data. */
export interface Erased {
  /** The number of deleted runs; 0 if none was left. */
  readonly runs: number;
  /** The app registrations of the deleted runs. Temporal no longer has these ids. */
  readonly appRegistrationIds: readonly string[];
}

/** The receipt of an erasure. Keep it as the record. Contains no personal data. */
export interface ErasureReceipt extends Erased {
  /** The customer's reference; for a customer without one, the workflow id without `onboarding-`. */
  readonly reference: string;
  /** When the erasure was complete, in ms since the Unix epoch. */
  readonly erasedAt: number;
  /** Data that is still kept elsewhere, one sentence each. */
  readonly stillKept: readonly string[];
}

const atVerifik = (ids: readonly string[]): string =>
  ids.length === 0
    ? "Verifik's API documents no deletion, and Temporal had no app registration of this customer (the receipt of an earlier erasure may name some): Verifik keeps its data of this customer until Verifik is asked to delete it."
    : `Verifik's API documents no deletion: Verifik keeps the app registrations ${ids.join(', ')}, with their validations, images and documents, until Verifik is asked to delete them.`;

export const stillKept = (appRegistrationIds: readonly string[]): readonly string[] => [
  atVerifik(appRegistrationIds),
  'An app registration that was being created during the erasure may exist at Verifik without being named here.',
  'Backups, archives and exports of the Temporal server keep their data until they expire.',
  'Temporal keeps lifted legal holds until its retention ends: who placed and lifted them, when and why.',
];
