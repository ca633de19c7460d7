import { ApplicationFailure } from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { failure } from '../../contract/failures.js';
import type { RegistrationArgs, UpdateDelivery } from '../../contract/messages.js';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import { type Contact, decodeContact } from '../../domain/contact.js';
import type { Policy } from '../../domain/policy/policy.js';
import { RegistrationReportFields, ValidationReportFields } from '../../domain/report-fields.js';
import { contactFits } from '../../domain/request.js';
import type { State } from '../../domain/state.js';
import type { RegistrationReport, Report } from '../../domain/transitions.js';
import { closed, decodeFields, type FieldError, matching, textUpTo } from '../../shared/decoding.js';
import { readCheckWord, readRegistrationWord } from '../../verifik/status-words.js';

/** The part of an update that its outcome repeats, which other updates with the same id get as well. */
export type Cause = Pick<RegistrationArgs, 'requestId'> & Pick<UpdateDelivery, 'fingerprints'>;

/** Adds to a failure what caused it, as an answer would contain it. */
export const causedBy = (failure: ApplicationFailure, cause: Cause): ApplicationFailure =>
  Object.keys(cause).length === 0
    ? failure
    : ApplicationFailure.create({
        message: failure.message,
        nonRetryable: true,
        details: [...(failure.details ?? []), cause],
        ...(failure.type === undefined || failure.type === null ? {} : { type: failure.type }),
      });

/** Creates the failure of a call to an onboarding that has ended. */
export const endedFailure = ({ progress }: State): ApplicationFailure =>
  failure(
    'AlreadyEnded',
    progress.phase === 'ended' ? `the onboarding ended as ${progress.decision.outcome}` : 'it ended',
  );

/** Decodes a report on a check. An unknown status word is kept, and never counts as success. */
export const decodeReport = (check: CheckName, input: unknown): E.Either<readonly FieldError[], Report> =>
  pipe(
    decodeFields(ValidationReportFields)(input),
    E.map(
      ({ status, validationId, appRegistrationId }): Report => ({
        check,
        ...readCheckWord(check, status),
        ...(validationId === undefined ? {} : { validationId }),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      }),
    ),
  );

/** Decodes a report on the registration as a whole. */
export const decodeRegistrationReport = (input: unknown): E.Either<readonly FieldError[], RegistrationReport> =>
  pipe(
    decodeFields(RegistrationReportFields)(input),
    E.map(
      ({ status, appRegistrationId }): RegistrationReport => ({
        ...readRegistrationWord(status),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      }),
    ),
  );

const About = t.type({
  about: t.keyof({ ...perCheck(() => null), appRegistration: null }, `${CHECK_NAMES.join(', ')} or appRegistration`),
});

/** Decodes the subject of one of several reports: a check, or the registration. */
export const decodeAbout = decodeFields(About);

const ReRegistration = closed(
  t.partial({
    contact: t.unknown,
    contactKeys: t.array(matching(/^[\w-]{1,128}$/, 'a keyed hash')),
    reason: textUpTo(500),
  }),
);

export interface ReRegistration {
  readonly contact?: Contact;
  readonly contactKeys?: readonly string[];
}

export const decodeReRegistration = (
  policy: Policy,
  input: unknown = {},
): E.Either<readonly FieldError[], ReRegistration> =>
  pipe(
    decodeFields(ReRegistration)(input),
    E.chain(({ contact, contactKeys }): E.Either<readonly FieldError[], ReRegistration> => {
      const keys = contactKeys === undefined ? {} : { contactKeys };
      if (contact === undefined) return E.right(keys);
      return pipe(
        decodeContact(contact),
        E.chain(contactFits(policy)),
        E.map((read) => ({ contact: read, ...keys })),
      );
    }),
  );
