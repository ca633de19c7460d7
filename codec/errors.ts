/** What can be wrong with an encrypted payload: its key is not in the key ring, or it cannot be read with the key that it names. */
export type Undecodable = 'missingKey' | 'unreadable';

/** An encrypted payload could not be decoded. The message names the key, never anything of the payload. */
export class UndecodablePayloadError extends Error {
  override readonly name = 'UndecodablePayloadError';
  readonly why: Undecodable;
  readonly keyId: string;

  constructor(why: Undecodable, keyId: string, message: string) {
    super(message);
    this.why = why;
    this.keyId = keyId;
  }
}

export const missingKey = (keyId: string): UndecodablePayloadError =>
  new UndecodablePayloadError(
    'missingKey',
    keyId,
    `A payload is encrypted with key ${keyId}, which the key ring does not have: give it back until no payload needs it`,
  );

export const unreadable = (keyId: string, why: string): UndecodablePayloadError =>
  new UndecodablePayloadError('unreadable', keyId, `A payload encrypted with key ${keyId} cannot be read: ${why}`);

/** The error of the codec in an error or in what caused it. */
export const undecodableIn = (error: unknown): UndecodablePayloadError | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof UndecodablePayloadError) return at;
  return undefined;
};
