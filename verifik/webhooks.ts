import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { CheckName } from '../domain/checks.js';
import { type Contact, decodeContact, VendorId } from '../domain/request.js';
import { decodeFields, type FieldError, matching, textUpTo } from '../shared/decoding.js';
import { readCheckWord } from './status-words.js';

/** What a webhook is for us, by the suffix of its type. */
type Meaning =
  /** What a validation came to: in the suffix's own word or, without one, in that of the object's `status`. */
  | { readonly tells: 'check'; readonly check: CheckName; readonly word?: string }
  /** Where the registration as a whole stands. */
  | { readonly tells: 'registration'; readonly word: string }
  /** How the face on the selfie compares with the document's. */
  | { readonly tells: 'comparison' }
  | { readonly tells: 'nothing'; readonly why: string };

const check = (name: CheckName, word?: string): Meaning => ({
  tells: 'check',
  check: name,
  ...(word === undefined ? {} : { word }),
});
const registration = (word: string): Meaning => ({ tells: 'registration', word });
const nothing = (why: string): Meaning => ({ tells: 'nothing', why });

const STEP = nothing('the applicant goes from step to step; what comes of it is told by other events');
const CODE_UNDER_WAY = nothing('a code is under way to the applicant');
const SAME_SELFIE = nothing('what came of the selfie is told by other events');

/** Every suffix that Verifik names for its webhooks. The only place that knows them. */
export const WEBHOOKS = {
  app_registration_created: nothing('the onboarding has made the registration itself'),
  app_registration_sync_skip_kyc: STEP,
  app_registration_sync_instructions: STEP,
  app_registration_sync_sign_up_form: STEP,
  app_registration_sync_basic_information: STEP,
  app_registration_sync_document: STEP,
  app_registration_sync_liveness: STEP,
  app_registration_sync_form: STEP,
  app_registration_sync_end: STEP,
  app_registration_ongoing: registration('ONGOING'),
  app_registration_completed: registration('COMPLETED'),
  app_registration_completed_without_kyc: registration('COMPLETED_WITHOUT_KYC'),
  app_registration_failed: registration('FAILED'),
  app_registration_needs_manual_verification: registration('NEEDS_MANUAL_VERIFICATION'),
  app_registration_person_already_set: nothing('Verifik refused a second selfie; the first one stands'),
  email_validation_created: CODE_UNDER_WAY,
  email_validation_sent: CODE_UNDER_WAY,
  email_validation_resend: CODE_UNDER_WAY,
  email_validation_validated: check('email', 'validated'),
  email_validation_failed: check('email', 'failed'),
  email_validation_expired: check('email', 'expired'),
  email_validation_otp_incorect: nothing('a wrong code is a try, and the validation goes on'),
  phone_validation_created: CODE_UNDER_WAY,
  phone_validation_sent: CODE_UNDER_WAY,
  phone_validation_resend: CODE_UNDER_WAY,
  phone_validation_validated: check('phone', 'validated'),
  phone_validation_failed: check('phone', 'failed'),
  phone_validation_expired: check('phone', 'expired'),
  phone_validation_otp_incorect: nothing('a wrong code is a try, and the validation goes on'),
  // No event has "passed" or "failed" of a document for its name: the status in it says so.
  document_validation_created: check('document'),
  document_validation_source_lookup: check('document'),
  document_validation_data_source_error: check('document'),
  document_validation_manual_verification_required: check('document', 'NEEDS_MANUAL_VERIFICATION'),
  biometric_validation_new: nothing('the selfie has not been looked at yet'),
  biometric_validation_validated: check('biometric', 'validated'),
  biometric_validation_failed: check('biometric', 'failed'),
  biometric_validation_created_person: SAME_SELFIE,
  biometric_validation_liveness_failed: check('biometric', 'failed'),
  biometrics_liveness_score_not_acceptable: check('biometric', 'failed'),
  face_verification_compare: { tells: 'comparison' },
  information_validation_background_check: nothing('no check of an onboarding depends on it'),
  information_validation_updated: nothing('no check of an onboarding depends on it'),
} as const satisfies Readonly<Record<string, Meaning>>;

export type WebhookSuffix = keyof typeof WEBHOOKS;

const ALL: readonly (readonly [string, Meaning])[] = Object.entries(WEBHOOKS);

const isSuffix = (text: string): text is WebhookSuffix => Object.hasOwn(WEBHOOKS, text);

/** The onboarding learns of two faces that do not match by a read alone. That the registration needs people is what makes it look. */
const MISMATCH = 'NEEDS_MANUAL_VERIFICATION';

const inWords = (meaning: Meaning): string => {
  switch (meaning.tells) {
    case 'check':
      return meaning.word === undefined
        ? `a report about \`${meaning.check}\`: the \`status\` in it, unless the validation goes on`
        : `a report about \`${meaning.check}\`: \`${meaning.word}\``;
    case 'registration':
      return `a report about the registration: \`${meaning.word}\``;
    case 'comparison':
      return `a report about the registration, where the faces do not match: \`${MISMATCH}\``;
    case 'nothing':
      return `nothing: ${meaning.why}`;
  }
};

/** Every suffix with what it is for us, in words. Read by documents and tests. */
export const WEBHOOK_MEANINGS: readonly (readonly [suffix: string, meaning: string])[] = ALL.map(
  ([suffix, meaning]) => [suffix, inWords(meaning)],
);

/** Whose a webhook is, by what stands in it. The contact is personal data: it is hashed before it goes anywhere. */
export type WebhookRoute =
  | { readonly by: 'registration'; readonly appRegistrationId: string }
  | { readonly by: 'validation'; readonly validationId: string }
  | {
      readonly by: 'contact';
      readonly contact: Contact;
      readonly project?: string;
      readonly projectFlow?: string;
    };

/** What a webhook tells, as onboardings take it. */
export type WebhookReport =
  | {
      readonly about: CheckName;
      readonly status: string;
      readonly validationId: string;
      readonly appRegistrationId?: string;
    }
  | { readonly about: 'appRegistration'; readonly status: string; readonly appRegistrationId: string };

/** A webhook that has been read. */
export type WebhookReading =
  /** `routes` are in the order in which they are to be tried, and never empty. */
  | {
      readonly kind: 'report';
      readonly suffix: WebhookSuffix;
      readonly report: WebhookReport;
      readonly routes: readonly WebhookRoute[];
    }
  | { readonly kind: 'nothing'; readonly suffix: WebhookSuffix; readonly why: string }
  | { readonly kind: 'unknown' };

type Read<A> = E.Either<readonly FieldError[], A>;

const StatusWord = matching(/^[\w.-]{1,64}$/, "one of Verifik's status words");

const orNull = <C extends t.Any>(codec: C) => t.union([codec, t.null, t.undefined]);

/** An id, or the thing itself where it was populated. */
const Reference = orNull(t.union([VendorId, t.type({ _id: VendorId })]));

const idIn = (reference: t.TypeOf<typeof Reference>): string | undefined =>
  typeof reference === 'string' ? reference : reference?._id;

const Typed = t.type({ type: textUpTo(200) });

const RegistrationObject = t.type({ object: t.type({ _id: VendorId }) });

const ComparisonObject = t.type({
  object: t.type({ _id: VendorId, compareResult: t.unknown }),
});

const ValidationObject = t.type({
  object: t.intersection([
    t.type({ _id: VendorId }),
    t.partial({
      status: orNull(StatusWord),
      appRegistration: Reference,
      // What only helps to find the onboarding may have any type: it breaks nothing.
      email: t.unknown,
      phone: t.unknown,
      countryCode: t.unknown,
      project: t.unknown,
      projectFlow: t.unknown,
    }),
  ]),
});

type Validation = t.TypeOf<typeof ValidationObject>['object'];

const FailedCompare = t.type({ passed: t.literal(false) });
const isMismatch = (compareResult: unknown): boolean =>
  FailedCompare.is(compareResult) || t.type({ result: FailedCompare }).is(compareResult);

const contactOf = (name: CheckName, { email, phone, countryCode }: Validation): Contact | undefined => {
  if (name !== 'email' && name !== 'phone') return undefined;
  const contact = decodeContact(name === 'email' ? { email } : { phone, countryCode });
  return E.isRight(contact) ? contact.right : undefined;
};

const flowOf = ({ project, projectFlow }: Validation): { readonly project?: string; readonly projectFlow?: string } => {
  const [projectId, flowId] = [project, projectFlow].map((one) => (Reference.is(one) ? idIn(one) : undefined));
  return {
    ...(projectId === undefined ? {} : { project: projectId }),
    ...(flowId === undefined ? {} : { projectFlow: flowId }),
  };
};

const routesOf = (name: CheckName, validation: Validation): readonly WebhookRoute[] => {
  const appRegistrationId = idIn(validation.appRegistration);
  const contact = contactOf(name, validation);
  return [
    ...(appRegistrationId === undefined ? [] : [{ by: 'registration', appRegistrationId } as const]),
    { by: 'validation', validationId: validation._id },
    ...(contact === undefined ? [] : [{ by: 'contact', contact, ...flowOf(validation) } as const]),
  ];
};

/** True where the word says that the validation goes on: no onboarding needs to hear that. */
const isUnderWay = (name: CheckName, word: string): boolean => {
  const { result, unknownWord } = readCheckWord(name, word);
  return result === 'pending' && unknownWord === undefined;
};

const readCheck = (
  suffix: WebhookSuffix,
  { check: name, word }: Extract<Meaning, { tells: 'check' }>,
  validation: Validation,
): WebhookReading => {
  const status = word ?? validation.status ?? undefined;
  if (status === undefined || isUnderWay(name, status))
    return { kind: 'nothing', suffix, why: 'the validation goes on' };
  const appRegistrationId = idIn(validation.appRegistration);
  return {
    kind: 'report',
    suffix,
    report: {
      about: name,
      status,
      validationId: validation._id,
      ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
    },
    routes: routesOf(name, validation),
  };
};

const registrationReport = (suffix: WebhookSuffix, status: string, appRegistrationId: string): WebhookReading => ({
  kind: 'report',
  suffix,
  report: { about: 'appRegistration', status, appRegistrationId },
  routes: [{ by: 'registration', appRegistrationId }],
});

const readKnown = (suffix: WebhookSuffix, body: unknown): Read<WebhookReading> => {
  const meaning: Meaning = WEBHOOKS[suffix];
  switch (meaning.tells) {
    case 'nothing':
      return E.right({ kind: 'nothing', suffix, why: meaning.why });
    case 'registration':
      return pipe(
        decodeFields(RegistrationObject)(body),
        E.map(({ object }) => registrationReport(suffix, meaning.word, object._id)),
      );
    case 'comparison':
      return pipe(
        decodeFields(ComparisonObject)(body),
        E.map(
          ({ object: { _id, compareResult } }): WebhookReading =>
            isMismatch(compareResult)
              ? registrationReport(suffix, MISMATCH, _id)
              : { kind: 'nothing', suffix, why: 'the faces match' },
        ),
      );
    case 'check':
      return pipe(
        decodeFields(ValidationObject)(body),
        E.map(({ object }) => readCheck(suffix, meaning, object)),
      );
  }
};

/** The suffix that the type ends with; what stands before it is the flow's type. */
const suffixOf = (type: string): WebhookSuffix | undefined => {
  const words = type.split('_');
  return words.map((_word, index) => words.slice(index).join('_')).find(isSuffix);
};

/**
 * Reads a webhook: what it tells, and whose it may be. Types and fields that are not known are no errors; an error names the field and
 * what was expected there, never a value.
 */
export const readWebhook = (body: unknown): Read<WebhookReading> =>
  pipe(
    decodeFields(Typed)(body),
    E.chain(({ type }) => {
      const suffix = suffixOf(type);
      return suffix === undefined ? E.right<never, WebhookReading>({ kind: 'unknown' }) : readKnown(suffix, body);
    }),
  );
