import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { RECORD_KINDS, type VendorRecord } from '../domain/vendor-erasure.js';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, Id, idOf, inData } from './decode.js';

const Fields = t.intersection([
  t.type({ _id: Id }),
  t.partial({
    person: t.unknown,
    biometricValidation: t.unknown,
    failedBiometricValidations: t.unknown,
    documentValidation: t.unknown,
    failedDocumentValidations: t.unknown,
  }),
]);

const idsOf = (...references: readonly unknown[]): readonly string[] => [
  ...new Set(references.flat().flatMap((reference) => idOf(reference) ?? [])),
];

/** Decodes a registration as the records that it consists of, current and failed ones, in the order of deletion. */
export const recordsAnswer: Decode<readonly VendorRecord[]> = inData((data) =>
  pipe(
    decodeFields(Fields)(data),
    E.map((fields) => {
      const ids: Record<VendorRecord['kind'], readonly string[]> = {
        person: idsOf(fields.person),
        biometric: idsOf(fields.biometricValidation, fields.failedBiometricValidations),
        document: idsOf(fields.documentValidation, fields.failedDocumentValidations),
        registration: [fields._id],
      };
      return RECORD_KINDS.flatMap((kind) => ids[kind].map((id) => ({ kind, id })));
    }),
  ),
);
