import * as t from 'io-ts';
import { closed, matching } from '../shared/decoding.js';
import { VendorId } from './ids.js';

/** The fields of a report on the registration. Additional ones are allowed: Verifik may add some. */
export const RegistrationReportFields = t.intersection([
  t.type({ status: matching(/^[\w.-]{1,64}$/, "one of Verifik's status words") }),
  t.partial({ appRegistrationId: VendorId }),
]);

const VALIDATION_ID = { validationId: VendorId };

/** The fields of a report on a validation. */
export const ValidationReportFields = t.intersection([RegistrationReportFields, t.partial(VALIDATION_ID)]);

/** A report on a validation from a caller, whose misspelt fields are errors. */
export const CallerReportFields = closed(
  t.intersection([
    ...RegistrationReportFields.types,
    t.partial({ ...VALIDATION_ID, occurredAt: t.string, reason: t.string }),
  ]),
);
