import * as t from 'io-ts';

/** The parts of Verifik's responses that an applicant's device reads. */
export const Validation = t.type({ data: t.type({ _id: t.string, status: t.string }) });
export const Document = t.type({ data: t.type({ documentValidation: t.type({ _id: t.string, status: t.string }) }) });
export const Synced = t.type({ data: t.type({ status: t.string, appRegistrationId: t.string }) });
export const Populated = t.type({ _id: t.string, status: t.string });
const textOrNull = t.union([t.string, t.null]);
const Reference = t.union([t.string, t.null, Populated]);
export const Registration = t.type({
  data: t.type({
    _id: t.string,
    project: t.union([t.string, t.type({ _id: t.string })]),
    email: textOrNull,
    phone: t.union([textOrNull, t.number]),
    countryCode: textOrNull,
    documentValidation: Reference,
    biometricValidation: Reference,
    compareFaceVerification: t.unknown,
  }),
});
export const Compared = t.type({
  data: t.type({
    compareFaceVerification: t.union([t.string, t.null, t.type({ result: t.type({ passed: t.boolean }) })]),
  }),
});
