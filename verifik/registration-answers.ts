import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { CHECK_NAMES, type CheckName } from '../domain/checks.js';
import type { RegistrationToken } from '../domain/state.js';
import type { RegistrationStatus, VendorCheck, VendorRegistration } from '../domain/vendor-registration.js';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, Id, inData, orNull, Token, textOf } from './decode.js';
import { readCheckWord, readRegistrationWord } from './status-words.js';
import type { TokenExpiry } from './token.js';

const Populated = t.intersection([t.type({ _id: t.string }), t.partial({ status: orNull(t.string) })], 'a validation');

/** An id or a populated object. Null or absent without a validation. */
const Reference = orNull(t.union([t.string, Populated]));

/** A registration of any API generation. Optional fields may have any type. */
export const Registration = t.intersection([
  t.type({ _id: Id, status: t.string }),
  t.partial({
    emailValidation: Reference,
    phoneValidation: Reference,
    documentValidation: Reference,
    biometricValidation: Reference,
    compareFaceVerification: t.unknown,
    project: t.unknown,
    projectFlow: t.unknown,
    email: t.unknown,
    phone: t.unknown,
    countryCode: t.unknown,
    fullName: t.unknown,
    informationValidation: t.unknown,
    language: t.unknown,
    createdAt: t.unknown,
    updatedAt: t.unknown,
  }),
]);

export type RegistrationFields = t.TypeOf<typeof Registration>;

const REFERENCES = {
  email: 'emailValidation',
  phone: 'phoneValidation',
  document: 'documentValidation',
  biometric: 'biometricValidation',
} as const satisfies Record<CheckName, keyof RegistrationFields>;

const readReference = (check: CheckName, reference: RegistrationFields['emailValidation']): VendorCheck | undefined => {
  if (reference === null || reference === undefined || reference === '') return undefined;
  // An id without a status gives no result.
  if (typeof reference === 'string') return { result: 'pending', validationId: reference };
  const { _id, status } = reference;
  return {
    ...(_id === '' ? {} : { validationId: _id }),
    ...(typeof status === 'string' ? readCheckWord(check, status) : { result: 'pending' }),
  };
};

const FailedCompare = t.type({ result: t.type({ passed: t.literal(false) }) });

export const toReading = (fields: RegistrationFields): VendorRegistration => {
  const checks = CHECK_NAMES.flatMap((check) => {
    const reading = readReference(check, fields[REFERENCES[check]]);
    return reading === undefined ? [] : [[check, reading] as const];
  });
  return {
    appRegistrationId: fields._id,
    ...readRegistrationWord(fields.status),
    checks: Object.fromEntries(checks),
    ...(FailedCompare.is(fields.compareFaceVerification) ? { faceMismatch: true } : {}),
  };
};

/** Decodes `GET /app-registrations/{id}` and every other response with the registration itself. */
export const registrationAnswer: Decode<VendorRegistration> = inData((data) =>
  pipe(decodeFields(Registration)(data), E.map(toReading)),
);

/** The status of a registration, with Verifik's word if it is unknown. */
export interface StatusAnswer {
  readonly status: RegistrationStatus;
  readonly unknownWord?: string;
}

export interface CreatedRegistration extends StatusAnswer {
  readonly appRegistrationId: string;
  readonly token: RegistrationToken;
}

const WithToken = t.type({ token: Token });
const Flat = t.intersection([Registration, WithToken]);
const Nested = t.intersection([t.type({ appRegistration: Registration }), WithToken]);
const isNested = t.type({ appRegistration: t.UnknownRecord }).is;

/** Decodes `POST /app-registrations`: flat in the first generation, nested in later ones. */
export const createdAnswer = (expiresAt: TokenExpiry): Decode<CreatedRegistration> => {
  const toCreated = ({ _id, status }: RegistrationFields, token: string): CreatedRegistration => ({
    appRegistrationId: _id,
    ...readRegistrationWord(status),
    token: { token, expiresAt: expiresAt(token) },
  });
  return inData((data) =>
    isNested(data)
      ? pipe(
          decodeFields(Nested)(data),
          E.map(({ appRegistration, token }) => toCreated(appRegistration, token)),
        )
      : pipe(
          decodeFields(Flat)(data),
          E.map((flat) => toCreated(flat, flat.token)),
        ),
  );
};

export interface ResentLink {
  readonly token: RegistrationToken;
  /** The URL of the hosted page, which contains the token. As secret as the token. */
  readonly link?: string;
  /** True if Verifik sent the link. Absent if the response does not say. */
  readonly emailSent?: boolean;
  readonly status: RegistrationStatus;
}

const Resent = t.intersection([
  WithToken,
  t.partial({ link: t.unknown, emailSent: t.unknown, status: t.unknown, expiresAt: t.unknown }),
]);

export const resentAnswer = (expiresAt: TokenExpiry): Decode<ResentLink> =>
  inData((data) =>
    pipe(
      decodeFields(Resent)(data),
      E.map((fields) => {
        const link = textOf(fields.link);
        return {
          token: { token: fields.token, expiresAt: expiresAt(fields.token, textOf(fields.expiresAt)) },
          status: readRegistrationWord(textOf(fields.status) ?? '').status,
          ...(link === undefined ? {} : { link }),
          ...(typeof fields.emailSent === 'boolean' ? { emailSent: fields.emailSent } : {}),
        };
      }),
    ),
  );

export const syncAnswer: Decode<StatusAnswer> = inData((data) =>
  pipe(
    decodeFields(t.type({ status: t.string }))(data),
    E.map(({ status }) => readRegistrationWord(status)),
  ),
);
