type Body = Readonly<Record<string, unknown>>;

interface DocumentedError {
  readonly body: Body;
  /** Default: the usual status of the code. */
  readonly status?: number;
}

const missing = (message: string): Body => ({ message, code: 'MissingParameter' });

/** Errors that a page of Verifik's documentation shows in a format of its own, by code. */
const BY_CODE: Readonly<Record<string, DocumentedError>> = {
  MISSING_CONTACT_INFO: { status: 409, body: { ...missing('Needs an email or a phone at least'), status: 409 } },
  'missing countryCode': { body: { ...missing('missing countryCode'), status: 409 } },
  'Invalid countryCode format': {
    body: missing('Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits.'),
  },
  'Invalid email format': { body: missing('Invalid email format') },
  BadRequest: { body: { message: 'Invalid project ID format', code: 'BadRequest' } },
  appRegistration_not_found: {
    body: { code: 'AppRegistration_not_found', message: '404:AppRegistration_not_found' },
  },
  emailValidation_not_found: {
    body: { code: 'email_validation_not_found', message: '404:email_validation_not_found' },
  },
  phoneValidation_not_found: {
    body: { code: 'phone_validation_not_found', message: '404:phone_validation_not_found' },
  },
  documentValidation_not_found: {
    body: { error: 'Document validation not found', message: 'DOCUMENT_VALIDATION_NOT_FOUND' },
  },
  person_not_found: { body: { error: 'Person not found', message: 'PERSON_NOT_FOUND' } },
};

/** Errors whose format differs from that of other calls. */
const BY_CALL: Readonly<Record<string, Readonly<Record<string, DocumentedError>>>> = {
  'GET /v2/app-registrations/:id': {
    appRegistration_not_found: { body: { message: 'AppRegistration_not_found', code: 'NotFound' } },
    access_denied: { body: { message: 'Access forbidden', code: 'Forbidden' } },
  },
  'POST /v2/document-validations/app-registration': {
    appRegistration_not_found: {
      body: { code: 'appRegistration_not_found', message: '404:appRegistration_not_found' },
    },
    MissingParameter: { status: 422, body: missing('missing image') },
  },
  'POST /v2/email-validations/validate': { MissingParameter: { body: missing('missing_email_and_otp') } },
  'PUT /v2/email-validations/:id': { MissingParameter: { body: missing('missing_email_and_otp') } },
  'DELETE /v2/document-validations/:id': { Unauthorized: { body: { error: 'Unauthorized', message: 'UNAUTHORIZED' } } },
};

/** Returns the error as the page of the call shows it. Undefined if no page has a format of its own for it. */
export const documentedError = (code: string, call: string): DocumentedError | undefined =>
  BY_CALL[call]?.[code] ?? BY_CODE[code];
