/**
 * Why a payload cannot be decoded: its key is not in the key ring, the key management service did not unwrap its data
 * key, or decryption fails.
 */
export type Undecodable = 'missingKey' | 'keyService' | 'unreadable';

/** An encrypted payload cannot be decoded. The message names the key and contains nothing of the payload. */
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
    `A payload is encrypted with key ${keyId}, which is not in the key ring: put it back until no payload needs it`,
  );

export const keyServiceFailed = (keyId: string, problem: string): UndecodablePayloadError =>
  new UndecodablePayloadError(
    'keyService',
    keyId,
    `A payload needs key ${keyId} of a key management service: ${problem}`,
  );

export const unreadable = (keyId: string, why: string): UndecodablePayloadError =>
  new UndecodablePayloadError('unreadable', keyId, `A payload encrypted with key ${keyId} cannot be read: ${why}`);

/** Finds an UndecodablePayloadError in an error or its causes. */
export const undecodableIn = (error: unknown): UndecodablePayloadError | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof UndecodablePayloadError) return at;
  return undefined;
};
