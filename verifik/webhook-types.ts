import type { CheckName } from '../domain/checks.js';

/** The meaning of a webhook type. */
export type Meaning =
  | { readonly kind: 'check'; readonly check: CheckName; readonly word?: string }
  | { readonly kind: 'registration'; readonly word: string }
  | { readonly kind: 'comparison' }
  | { readonly kind: 'nothing'; readonly why: string };

const check = (name: CheckName, word?: string): Meaning => ({
  kind: 'check',
  check: name,
  ...(word === undefined ? {} : { word }),
});
const registration = (word: string): Meaning => ({ kind: 'registration', word });
const nothing = (why: string): Meaning => ({ kind: 'nothing', why });

const STEP = nothing('the applicant moved to another step; other events report the results');
const CODE_SENT = nothing('a code is being sent to the applicant');
const SAME_SELFIE = nothing('other events report the result of the selfie');

/** Every webhook type suffix that Verifik documents. */
export const WEBHOOKS = {
  app_registration_created: nothing('the onboarding created the registration itself'),
  app_registration_sync_skip_kyc: STEP,
  app_registration_sync_instructions: STEP,
  app_registration_sync_sign_up_form: STEP,
  app_registration_sync_basic_information: STEP,
  app_registration_sync_document: STEP,
  app_registration_sync_liveness: STEP,
  app_registration_sync_form: STEP,
  app_registration_sync_end: STEP,
  app_registration_started: registration('STARTED'),
  app_registration_ongoing: registration('ONGOING'),
  app_registration_completed: registration('COMPLETED'),
  app_registration_completed_without_kyc: registration('COMPLETED_WITHOUT_KYC'),
  app_registration_failed: registration('FAILED'),
  app_registration_expired: registration('EXPIRED'),
  app_registration_needs_manual_verification: registration('NEEDS_MANUAL_VERIFICATION'),
  app_registration_person_already_set: nothing('Verifik rejected a second selfie; the first one remains valid'),
  email_validation_created: CODE_SENT,
  email_validation_sent: CODE_SENT,
  email_validation_resend: CODE_SENT,
  email_validation_validated: check('email', 'validated'),
  email_validation_failed: check('email', 'failed'),
  email_validation_expired: check('email', 'expired'),
  email_validation_otp_incorect: nothing('a wrong code does not end the validation'),
  phone_validation_created: CODE_SENT,
  phone_validation_sent: CODE_SENT,
  phone_validation_resend: CODE_SENT,
  phone_validation_validated: check('phone', 'validated'),
  phone_validation_failed: check('phone', 'failed'),
  phone_validation_expired: check('phone', 'expired'),
  phone_validation_otp_incorect: nothing('a wrong code does not end the validation'),
  // The names of document events do not say the result. The object's `status` does.
  document_validation_created: check('document'),
  document_validation_source_lookup: check('document'),
  document_validation_data_source_error: check('document'),
  document_validation_manual_verification_required: check('document', 'NEEDS_MANUAL_VERIFICATION'),
  biometric_validation_new: nothing('the selfie has not been evaluated yet'),
  biometric_validation_validated: check('biometric', 'validated'),
  biometric_validation_failed: check('biometric', 'failed'),
  biometric_validation_created_person: SAME_SELFIE,
  biometric_validation_liveness_failed: check('biometric', 'failed'),
  biometrics_liveness_score_not_acceptable: check('biometric', 'failed'),
  face_verification_compare: { kind: 'comparison' },
  information_validation_background_check: nothing('no check of an onboarding depends on it'),
  information_validation_updated: nothing('no check of an onboarding depends on it'),
} as const satisfies Readonly<Record<string, Meaning>>;

export type WebhookSuffix = keyof typeof WEBHOOKS;

const ENTRIES: readonly (readonly [string, Meaning])[] = Object.entries(WEBHOOKS);

export const isSuffix = (text: string): text is WebhookSuffix => Object.hasOwn(WEBHOOKS, text);

/** A face mismatch is visible only in a read. Reporting a review makes the onboarding read. */
export const MISMATCH = 'NEEDS_MANUAL_VERIFICATION';

const describeMeaning = (meaning: Meaning): string => {
  switch (meaning.kind) {
    case 'check':
      return meaning.word === undefined
        ? `a report about \`${meaning.check}\`: its \`status\`, unless the validation is in progress`
        : `a report about \`${meaning.check}\`: \`${meaning.word}\``;
    case 'registration':
      return `a report about the registration: \`${meaning.word}\``;
    case 'comparison':
      return `a report about \`biometric\`: \`validated\`; if the faces do not match, about the registration: \`${MISMATCH}\``;
    case 'nothing':
      return `nothing: ${meaning.why}`;
  }
};

/** Every suffix with its meaning in words. The tests compare `docs/webhooks.md` with them. */
export const WEBHOOK_MEANINGS: readonly (readonly [suffix: string, meaning: string])[] = ENTRIES.map(
  ([suffix, meaning]) => [suffix, describeMeaning(meaning)],
);
