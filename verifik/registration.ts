import * as t from 'io-ts';
import type { CheckReason } from '../domain/check-reasons.js';
import { CHECK_NAMES, type CheckName } from '../domain/checks.js';
import type { CheckResult, VendorCheck, VendorContact, VendorRegistration } from '../domain/vendor-registration.js';
import { defined } from '../shared/defined.js';
import { documentReviewReason, failureReason, isQualityReject } from './check-reasons.js';
import { readComparison, readScore } from './comparison.js';
import { readContactFields } from './contact.js';
import { Id, idOf, orNull, textOf } from './decode.js';
import { documentExpiry } from './document-expiry.js';
import { readCheckWord, readRegistrationWord } from './status-words.js';

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
      documentData: t.unknown,
      ocrResults: t.unknown,
      livenessScore: t.unknown,
      livenessMinScore: t.unknown,
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
  return defined({
    validationId: textOf(_id),
    ...word,
    reason: reasonOf(check, word.result, reference),
    expiresAt: check === 'document' ? documentExpiry(reference) : undefined,
    liveness: check === 'biometric' ? readScore(reference.livenessScore, reference.livenessMinScore) : undefined,
  });
};

const failedAttemptsOf = (
  failed: readonly (readonly [string, CheckReason])[],
): Pick<VendorCheck, 'failedAttempts' | 'failureReasons'> =>
  failed.length === 0
    ? {}
    : { failedAttempts: [...new Set(failed.map(([id]) => id))], failureReasons: Object.fromEntries(failed) };

/** Reads a check from its current validation and the failed ones. Without a current one, the last failure counts. */
const readCheck = (check: CheckName, fields: RegistrationFields): VendorCheck | undefined => {
  const reference = fields[REFERENCES[check]];
  const current = readReference(check, reference);
  const failures = failuresOf(check, fields);
  const failed = failures.flatMap(({ _id, failedReason }, position) =>
    !isAttempt(failedReason) ? [] : [[textOf(_id) ?? `${check}#${position + 1}`, failureReason(failedReason)] as const],
  );
  const isCounted =
    current?.result === 'failed' && isAttempt(Populated.is(reference) ? reference.failedReason : undefined);
  if (isCounted) failed.push([current.validationId ?? `${check}#current`, current.reason ?? 'unspecified']);
  const last = failures.at(-1);
  const lastFailure: VendorCheck | undefined =
    last === undefined
      ? undefined
      : defined({
          result: 'failed' as const,
          validationId: textOf(last._id),
          reason: failureReason(last.failedReason),
        });
  const read = current ?? lastFailure;
  if (read === undefined) return undefined;
  const isUsedElsewhere = failures.some(({ failedReason }) => failureReason(failedReason) === 'documentUsedElsewhere');
  return {
    ...read,
    ...(isUsedElsewhere || read.reason === 'documentUsedElsewhere'
      ? { result: 'inReview', reason: 'documentUsedElsewhere' }
      : {}),
    ...failedAttemptsOf(failed),
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
    ...readComparison(fields.compareFaceVerification),
    ...defined({
      contact: contactOf(fields),
      project: idOf(fields.project),
      projectFlow: idOf(fields.projectFlow),
    }),
  };
};
