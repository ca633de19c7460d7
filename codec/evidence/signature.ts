import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { base64url, CompactSign, compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { type Evidence, EvidenceCodec } from '../../domain/evidence/evidence.js';
import { decodeFields, describeFieldErrors, parseJson } from '../../shared/decoding.js';
import type { SigningKeys } from './signing-keys.js';

const ALGORITHM = 'EdDSA';

/** Distinguishes evidence from other texts that the same key may have signed. */
const TYPE = 'onboarding-evidence+json';

/** Signs evidence as a JSON web signature in compact form (RFC 7515). Its payload is the document, as JSON in UTF-8. */
export const signEvidence = async (keys: SigningKeys, evidence: Evidence): Promise<string> => {
  const { id: kid, key } = await keys.current();
  return new CompactSign(new TextEncoder().encode(JSON.stringify(evidence)))
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
    .sign(key);
};

export interface VerifiedEvidence {
  readonly keyId: string;
  readonly evidence: Evidence;
}

/** True unless the last character has bits that decoding ignores, so that another text would have the same bytes. */
const isCanonical = (jws: string): boolean => {
  const signature = jws.slice(jws.lastIndexOf('.') + 1);
  return base64url.encode(base64url.decode(signature)) === signature;
};

const problemOf = (error: unknown): string => {
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key that is not among the given keys';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'it was changed after it was signed, or is signed with another key of this id';
  if (error instanceof errors.JWKSInvalid) return 'the keys are not a JSON web key set';
  if (error instanceof errors.JOSEError) return 'it is not evidence that is signed with these keys';
  throw error;
};

const decodeDocument = (payload: Uint8Array): E.Either<string, Evidence> =>
  pipe(
    parseJson(new TextDecoder().decode(payload)),
    E.chain(decodeFields(EvidenceCodec)),
    E.mapLeft((fields) => `its signature is valid, but its form is unknown: ${describeFieldErrors(fields)}`),
  );

/** Verifies signed evidence with public keys, without a network. Returns the document, or why it is refused. */
export const verifyEvidence = async (jws: string, keys: JSONWebKeySet): Promise<E.Either<string, VerifiedEvidence>> => {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jws)) return E.left('it is not a JSON web signature in compact form');
  try {
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(keys), { algorithms: [ALGORITHM] });
    const { kid: keyId = '', typ } = protectedHeader;
    if (typ !== TYPE) return E.left('it is signed, but it is not evidence');
    if (!isCanonical(jws)) return E.left('it was changed after it was signed');
    return pipe(
      decodeDocument(payload),
      E.map((evidence) => ({ keyId, evidence })),
    );
  } catch (error) {
    return E.left(problemOf(error));
  }
};
