import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { CheckReason } from '../domain/check-reasons.js';
import { CHECK_NAMES, type CheckName } from '../domain/checks.js';
import type { RegistrationToken } from '../domain/state.js';
import type {
  CheckResult,
  RegistrationStatus,
  VendorCheck,
  VendorContact,
  VendorRegistration,
} from '../domain/vendor-registration.js';
import { decodeFields } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { documentReviewReason, failureReason, isQualityReject } from './check-reasons.js';
import { readComparison } from './comparison.js';
import { readContactFields } from './contact.js';
import { type Decode, Id, idOf, inData, orNull, Token, textOf } from './decode.js';
import { readCheckWord, readRegistrationWord } from './status-words.js';
import type { TokenExpiry } from './token.js';

const Populated = t.intersection(
  [
    t.type({ _id: t.string }),
    t.partial({
      status: orNull(t.string),
      email: t.unknown,
      phone: t.unknown,
      countryCode: t.unknown,
      failedReason: t.unknown,
      scoreValidated: t.unknown,
      imageValidated: t.unknown,
      namesMatch: t.unknown,
      infoValidationSupportedReason: t.unknown,
      manualVerificationReason: t.unknown,
      documentFaceReason: t.unknown,
    }),
  ],
  'a validation',
);

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
    failedDocumentValidations: t.unknown,
    failedBiometricValidations: t.unknown,
    compareFaceVerification: t.unknown,
    project: t.unknown,
    projectFlow: t.unknown,
    email: t.unknown,
    phone: t.unknown,
    countryCode: t.unknown,
    fullName: t.unknown,
    name: t.unknown,
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

const Failed = t.partial({ _id: t.unknown, failedReason: t.unknown });

const keptFailures = (check: CheckName, fields: RegistrationFields): unknown => {
  if (check === 'document') return fields.failedDocumentValidations;
  return check === 'biometric' ? fields.failedBiometricValidations : undefined;
};

/** The failed validations that Verifik keeps beside the current one, oldest first. */
const failuresOf = (check: CheckName, fields: RegistrationFields): readonly t.TypeOf<typeof Failed>[] => {
  const kept = keptFailures(check, fields);
  return Array.isArray(kept) ? kept.map((failed: unknown) => (Failed.is(failed) ? failed : { _id: failed })) : [];
};

/** True if the failure uses up an attempt. A document that another record uses is for a reviewer to decide. */
const isAttempt = (failedReason: unknown): boolean =>
  !isQualityReject(failedReason) && failureReason(failedReason) !== 'documentUsedElsewhere';

const reasonOf = (
  check: CheckName,
  result: CheckResult,
  validation: t.TypeOf<typeof Populated>,
): CheckReason | undefined => {
  if (result === 'inReview') return check === 'document' ? documentReviewReason(validation) : 'unspecifiedReview';
  if (result !== 'failed') return undefined;
  return check === 'email' || check === 'phone' ? 'codeExpired' : failureReason(validation.failedReason);
};

const readReference = (check: CheckName, reference: RegistrationFields['emailValidation']): VendorCheck | undefined => {
  if (reference === null || reference === undefined || reference === '') return undefined;
  // An id without a status gives no result.
  if (typeof reference === 'string') return { result: 'pending', validationId: reference };
  const { _id, status } = reference;
  const word = typeof status === 'string' ? readCheckWord(check, status) : ({ result: 'pending' } as const);
  return defined({ validationId: textOf(_id), ...word, reason: reasonOf(check, word.result, reference) });
};

/** Reads a check from its current validation and the failed ones. Without a current one, the last failure counts. */
const readCheck = (check: CheckName, fields: RegistrationFields): VendorCheck | undefined => {
  const reference = fields[REFERENCES[check]];
  const current = readReference(check, reference);
  const failures = failuresOf(check, fields);
  const failedAttempts = failures.flatMap(({ _id, failedReason }, position) =>
    !isAttempt(failedReason) ? [] : [textOf(_id) ?? `${check}#${position + 1}`],
  );
  const isCounted =
    current?.result === 'failed' && isAttempt(Populated.is(reference) ? reference.failedReason : undefined);
  if (isCounted) failedAttempts.push(current.validationId ?? `${check}#current`);
  const last = failures.at(-1);
  const failed: VendorCheck | undefined =
    last === undefined
      ? undefined
      : defined({
          result: 'failed' as const,
          validationId: textOf(last._id),
          reason: failureReason(last.failedReason),
        });
  const read = current ?? failed;
  if (read === undefined) return undefined;
  const isUsedElsewhere = failures.some(({ failedReason }) => failureReason(failedReason) === 'documentUsedElsewhere');
  return {
    ...read,
    ...(isUsedElsewhere || read.reason === 'documentUsedElsewhere'
      ? { result: 'inReview', reason: 'documentUsedElsewhere' }
      : {}),
    ...(failedAttempts.length === 0 ? {} : { failedAttempts: [...new Set(failedAttempts)] }),
    ...(Array.isArray(keptFailures(check, fields)) ? { failuresListed: true } : {}),
  };
};

/** The contact of the registration, or of the validations where these name another. */
const contactOf = (fields: RegistrationFields): VendorContact | undefined => {
  const { emailValidation, phoneValidation } = fields;
  const ofEmail = Populated.is(emailValidation) ? readContactFields({ email: emailValidation.email }) : {};
  const ofPhone = Populated.is(phoneValidation)
    ? readContactFields({ phone: phoneValidation.phone, countryCode: phoneValidation.countryCode })
    : {};
  const contact = { ...readContactFields(fields), ...ofEmail, ...(ofPhone.phone === undefined ? {} : ofPhone) };
  return Object.keys(contact).length === 0 ? undefined : contact;
};

export const toVendorRegistration = (fields: RegistrationFields): VendorRegistration => {
  const checks = CHECK_NAMES.flatMap((check) => {
    const read = readCheck(check, fields);
    return read === undefined ? [] : [[check, read] as const];
  });
  return {
    appRegistrationId: fields._id,
    ...readRegistrationWord(fields.status),
    checks: Object.fromEntries(checks),
    ...defined({
      comparison: readComparison(fields.compareFaceVerification),
      contact: contactOf(fields),
      project: idOf(fields.project),
      projectFlow: idOf(fields.projectFlow),
    }),
  };
};

/** Decodes `GET /app-registrations/{id}` and every other response with the registration itself. */
export const registrationAnswer: Decode<VendorRegistration> = inData((data) =>
  pipe(decodeFields(Registration)(data), E.map(toVendorRegistration)),
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
  /** True if Verifik sent the link. Absent if the response does not say. */
  readonly emailSent?: boolean;
  readonly status: RegistrationStatus;
}

const Resent = t.intersection([
  WithToken,
  t.partial({ link: t.unknown, emailSent: t.unknown, status: t.unknown, expiresAt: t.unknown }),
]);

const MAX_LINK_LENGTH = 4_096;

/** Returns the link if an applicant can be sent to it. */
const linkOf = (value: unknown): string | undefined => {
  const link = textOf(value);
  return link !== undefined && link.length <= MAX_LINK_LENGTH && link.startsWith('https://') && URL.canParse(link)
    ? link
    : undefined;
};

/** Reads a boolean, or the later `{sent, email, mailgunId}`. Null without an email. */
const readEmailSent = (value: unknown): boolean | undefined => {
  if (value === null) return false;
  const sent = t.type({ sent: t.unknown }).is(value) ? value.sent : value;
  return typeof sent === 'boolean' ? sent : undefined;
};

export const resentAnswer = (expiresAt: TokenExpiry): Decode<ResentLink> =>
  inData((data) =>
    pipe(
      decodeFields(Resent)(data),
      E.map(({ token, link, emailSent, status, expiresAt: expiry }) => ({
        token: { token, expiresAt: expiresAt(token, expiry), ...defined({ link: linkOf(link) }) },
        status: readRegistrationWord(textOf(status) ?? '').status,
        ...defined({ emailSent: readEmailSent(emailSent) }),
      })),
    ),
  );

export const syncAnswer: Decode<StatusAnswer> = inData((data) =>
  pipe(
    decodeFields(t.type({ status: t.string }))(data),
    E.map(({ status }) => readRegistrationWord(status)),
  ),
);
