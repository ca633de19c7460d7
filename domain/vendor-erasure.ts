/**
 * The kinds of data that Verifik deletes by a call of its own, in the order of deletion: the registration names the
 * others, so that it is deleted last.
 */
export const RECORD_KINDS = ['person', 'biometric', 'document', 'registration'] as const;

/** Data at Verifik: a registration, one of its validations, or the person whose face it enrolled. */
export interface VendorRecord {
  readonly kind: (typeof RECORD_KINDS)[number];
  readonly id: string;
}

/** Verifik's answer to the deletion of a record. `code` is Verifik's code word, never free text. */
export type DeletionAnswer =
  | { readonly answer: 'deleted' | 'notFound' }
  | { readonly answer: 'refused'; readonly code: string };

export type Deletion = VendorRecord & DeletionAnswer;

/** The erasure of a registration at Verifik. Contains ids and codes only. */
export interface ErasedAtVerifik {
  readonly appRegistrationId: string;
  readonly deletions: readonly Deletion[];
}
