import type { ValidationCalls } from './api.js';
import { type Calls, validId } from './calls.js';
import { registrationAnswer } from './registration-answers.js';
import { validationAnswer } from './validation-answers.js';

/** Creates the calls for validations. All except the read of a document use the applicant's token. */
export const validationCalls = ({ asClient, asApplicant }: Calls): ValidationCalls => ({
  createEmailValidation: ({ token, ...contact }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'createEmailValidation',
        method: 'POST',
        path: '/email-validations/app-registration',
        body: { validationMethod: 'verificationCode', type: 'onboarding', ...contact },
        decode: validationAnswer('email'),
      },
      options,
    ),

  validateEmail: ({ token, validationId, ...body }, options) => {
    const rest = { endpoint: 'validateEmail', body, decode: validationAnswer('email') } as const;
    const plan =
      validationId === undefined
        ? ({ ...rest, method: 'POST', path: '/email-validations/validate' } as const)
        : ({
            ...rest,
            method: 'PUT',
            path: `/email-validations/${validationId}`,
            preconditions: [validId('validationId', validationId)],
          } as const);
    return asApplicant(token, plan, options);
  },

  createPhoneValidation: ({ token, ...contact }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'createPhoneValidation',
        method: 'POST',
        path: '/phone-validations/app-registration',
        body: { validationMethod: 'verificationCode', type: 'onboarding', ...contact },
        decode: validationAnswer('phone'),
      },
      options,
    ),

  validatePhone: ({ token, hosted, ...body }, options) => {
    const rest = { endpoint: 'validatePhone', body, decode: validationAnswer('phone') } as const;
    const plan =
      hosted === true
        ? ({ ...rest, method: 'POST', path: '/phone-validations/validate' } as const)
        : ({ ...rest, method: 'PUT', path: '/phone-validations' } as const);
    return asApplicant(token, plan, options);
  },

  createDocumentValidation: ({ token, ...body }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'createDocumentValidation',
        method: 'POST',
        path: '/document-validations/app-registration',
        body,
        decode: validationAnswer('document'),
      },
      options,
    ),

  getDocumentValidation: (id, options) =>
    asClient(
      {
        endpoint: 'getDocumentValidation',
        method: 'GET',
        path: `/document-validations/${id}`,
        preconditions: [validId('validationId', id)],
        decode: validationAnswer('document'),
      },
      options,
    ),

  createBiometricValidation: ({ token, ...body }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'createBiometricValidation',
        method: 'POST',
        path: '/biometric-validations/app-registration',
        body,
        decode: registrationAnswer,
      },
      options,
    ),

  compareFace: ({ token }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'compareFace',
        method: 'POST',
        path: '/face-recognition/compare/app-registration',
        body: {},
        decode: registrationAnswer,
      },
      options,
    ),
});
