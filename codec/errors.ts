/** A payload names a key that the key ring does not have. */
export class MissingKeyError extends Error {
  override readonly name = 'MissingKeyError';
  readonly keyId: string;

  constructor(keyId: string) {
    super(
      `A payload is encrypted with key ${keyId}, which the key ring does not have: give it back until no payload needs it`,
    );
    this.keyId = keyId;
  }
}

/** A payload says that it is encrypted, and cannot be read with the key it names. */
export class UnreadablePayloadError extends Error {
  override readonly name = 'UnreadablePayloadError';

  constructor(why: string) {
    super(`An encrypted payload cannot be read: ${why}`);
  }
}

/** The error of the codec in an error or in what caused it. */
export const codecErrorIn = (error: unknown): MissingKeyError | UnreadablePayloadError | undefined => {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof MissingKeyError || at instanceof UnreadablePayloadError) return at;
  return undefined;
};
