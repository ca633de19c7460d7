import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { CheckName } from '../domain/checks.js';
import type { VendorCheck } from '../domain/vendor-registration.js';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, Id, inData } from './decode.js';
import { readCheckWord } from './status-words.js';

export interface ValidationAnswer extends VendorCheck {
  readonly validationId: string;
}

const Validation = t.type({ _id: Id, status: t.string });
const NestedDocument = t.type({ documentValidation: Validation });
const isNested = t.type({ documentValidation: t.UnknownRecord }).is;

/** Decodes `{data: {_id, status}}`, or the same under `data.documentValidation`. */
export const validationAnswer = (check: CheckName): Decode<ValidationAnswer> =>
  inData((data) =>
    pipe(
      isNested(data)
        ? pipe(
            decodeFields(NestedDocument)(data),
            E.map(({ documentValidation }) => documentValidation),
          )
        : decodeFields(Validation)(data),
      E.map(({ _id, status }) => ({ validationId: _id, ...readCheckWord(check, status) })),
    ),
  );
