import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { CHECK_NAMES, type CheckName } from '../domain/checks.js';
import { decodeFields, type FieldError } from '../domain/decoding.js';
import type { CheckReading, RegistrationReading, RegistrationStanding } from '../domain/reading.js';
import { expiryOf } from './session.js';
import { readCheckWord, readRegistrationWord } from './status-words.js';

/** Reads an answer of Verifik in any of its generations; what is new in it is passed over, what is missing is named. */
export type Decode<A> = (body: unknown) => E.Either<readonly FieldError[], A>;

const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined]);

const Populated = t.intersection([t.type({ _id: t.string }), t.partial({ status: orNull(t.string) })], 'a validation');

/** A reference is an id unless it was populated, and null or absent where there is nothing. */
const Reference = orNull(t.union([t.string, Populated]));

const Registration = t.intersection([
  t.type({ _id: t.string, status: t.string }),
  t.partial({
    emailValidation: Reference,
    phoneValidation: Reference,
    documentValidation: Reference,
    biometricValidation: Reference,
    compareFaceVerification: t.unknown,
    project: t.unknown,
    projectFlow: t.unknown,
    email: orNull(t.string),
    phone: orNull(t.string),
    countryCode: orNull(t.string),
  }),
]);

type RegistrationFields = t.TypeOf<typeof Registration>;

const underData = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: `data.${field}`, expected }));

const inData =
  <A>(decode: Decode<A>): Decode<A> =>
  (body) =>
    pipe(
      decodeFields(t.type({ data: t.UnknownRecord }))(body),
      E.chain(({ data }) => pipe(decode(data), E.mapLeft(underData))),
    );

const REFERENCES = {
  email: 'emailValidation',
  phone: 'phoneValidation',
  document: 'documentValidation',
  biometric: 'biometricValidation',
} as const satisfies Record<CheckName, keyof RegistrationFields>;

const readReference = (
  check: CheckName,
  reference: RegistrationFields['emailValidation'],
): CheckReading | undefined => {
  if (reference === null || reference === undefined) return undefined;
  // An id alone says that there is a validation, and nothing of how it went.
  if (typeof reference === 'string') return { result: 'pending', validationId: reference };
  const { _id, status } = reference;
  return { validationId: _id, ...(typeof status === 'string' ? readCheckWord(check, status) : { result: 'pending' }) };
};

const FailedCompare = t.type({ result: t.type({ passed: t.literal(false) }) });

const toReading = (fields: RegistrationFields): RegistrationReading => {
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

/** `GET /app-registrations/{id}`, and every other call that answers with the registration itself. */
export const registrationAnswer: Decode<RegistrationReading> = inData((data) =>
  pipe(decodeFields(Registration)(data), E.map(toReading)),
);

/** A registration or a token, as creating or resuming gives it. */
export interface TokenAnswer {
  readonly token: string;
  /** ms since the Unix epoch. */
  readonly expiresAt: number;
}

export interface CreatedRegistration extends TokenAnswer {
  readonly appRegistrationId: string;
  readonly standing: RegistrationStanding;
}

const toCreated =
  (expiresAt: (token: string) => number) =>
  (fields: RegistrationFields, token: string): CreatedRegistration => ({
    appRegistrationId: fields._id,
    standing: readRegistrationWord(fields.status).standing,
    token,
    expiresAt: expiresAt(token),
  });

const Token = t.type({ token: t.string });

/** `POST /app-registrations`: flat as in the first generation, nested as in the later ones. */
export const createdAnswer = (expiresAt: (token: string) => number): Decode<CreatedRegistration> =>
  inData((data) =>
    E.isRight(t.type({ appRegistration: t.UnknownRecord }).decode(data))
      ? pipe(
          decodeFields(t.intersection([t.type({ appRegistration: Registration }), Token]))(data),
          E.map(({ appRegistration, token }) => toCreated(expiresAt)(appRegistration, token)),
        )
      : pipe(
          decodeFields(t.intersection([Registration, Token]))(data),
          E.map((flat) => toCreated(expiresAt)(flat, flat.token)),
        ),
  );

/** `POST /app-registrations/{id}/resend-link`. */
export const resentAnswer = (expiresAt: (token: string) => number): Decode<TokenAnswer & { readonly link?: string }> =>
  inData((data) =>
    pipe(
      decodeFields(t.intersection([Token, t.partial({ link: orNull(t.string) })]))(data),
      E.map(({ token, link }) => ({
        token,
        expiresAt: expiresAt(token),
        ...(typeof link === 'string' ? { link } : {}),
      })),
    ),
  );

/** When a registration token runs out: as it says itself, or else after the lifetime that its call is documented with. */
export const tokenExpiry =
  (now: () => number, lifetimeMs: number) =>
  (token: string): number =>
    expiryOf(token) ?? now() + lifetimeMs;

/** `PUT /app-registrations/{id}/sync`. */
export const syncAnswer: Decode<{ readonly standing: RegistrationStanding; readonly unknownWord?: string }> = inData(
  (data) =>
    pipe(
      decodeFields(t.type({ status: t.string }))(data),
      E.map(({ status }) => readRegistrationWord(status)),
    ),
);

const idOf = (reference: unknown): string | undefined => {
  if (typeof reference === 'string') return reference;
  return t.type({ _id: t.string }).is(reference) ? reference._id : undefined;
};

/** One registration of the list. */
export interface AppRegistrationListItem {
  readonly appRegistrationId: string;
  readonly standing: RegistrationStanding;
  readonly project: string | undefined;
  readonly projectFlow: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly countryCode: string | undefined;
  readonly reading: RegistrationReading;
}

export interface AppRegistrationPage {
  readonly items: readonly AppRegistrationListItem[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

const text = (value: string | null | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const toItem = (fields: RegistrationFields): AppRegistrationListItem => {
  const reading = toReading(fields);
  return {
    appRegistrationId: fields._id,
    standing: reading.standing,
    reading,
    project: idOf(fields.project),
    projectFlow: idOf(fields.projectFlow),
    email: text(fields.email),
    phone: text(fields.phone),
    countryCode: text(fields.countryCode),
  };
};

const Page = t.intersection([
  t.type({ data: t.array(Registration) }),
  t.partial({ total: orNull(t.number), page: orNull(t.number), pages: orNull(t.number) }),
]);

/** `GET /app-registrations`. */
export const pageAnswer: Decode<AppRegistrationPage> = (body) =>
  pipe(
    decodeFields(Page)(body),
    E.map(({ data, total, page, pages }) => ({
      items: data.map(toItem),
      page: page ?? 1,
      pages: pages ?? 1,
      total: total ?? data.length,
    })),
  );

/** One validation, as creating, validating or reading it answers. */
export interface ValidationAnswer extends CheckReading {
  readonly validationId: string;
}

/** `{data: {_id, status}}`, or the same under `data.documentValidation`. */
export const validationAnswer = (check: CheckName): Decode<ValidationAnswer> =>
  inData((data) => {
    const nested = t.type({ documentValidation: t.UnknownRecord }).is(data) ? data.documentValidation : data;
    return pipe(
      decodeFields(t.type({ _id: t.string, status: t.string }))(nested),
      E.map(({ _id, status }) => ({ validationId: _id, ...readCheckWord(check, status) })),
    );
  });

const AccessToken = t.type({ accessToken: t.string });

/** `GET /auth/session`: at the top level, or under `data`. */
export const sessionAnswer: Decode<string> = (body) =>
  AccessToken.is(body)
    ? E.right(body.accessToken)
    : pipe(
        inData(decodeFields(AccessToken))(body),
        E.map(({ accessToken }) => accessToken),
      );
