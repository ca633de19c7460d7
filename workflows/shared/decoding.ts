import { ApplicationFailure } from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { DecideReviewArgs, FailureType } from '../../contract/messages.js';
import { CHECK_NAMES, type CheckName, perCheck } from '../../domain/checks.js';
import type { Policy } from '../../domain/policy.js';
import { type Contact, contactFits, decodeContact, VendorId } from '../../domain/request.js';
import { ReviewFields } from '../../domain/review.js';
import type { State } from '../../domain/state.js';
import type { Report, StandingReport } from '../../domain/transitions.js';
import {
  closed,
  decodeFields,
  describeFieldErrors,
  type FieldError,
  matching,
  textUpTo,
} from '../../shared/decoding.js';
import { readCheckWord, readRegistrationWord } from '../../verifik/status-words.js';

/** A failure of one of the catalogued types. Its message holds codes and field paths, never values. */
export const failure = (type: FailureType, message: string, details: readonly unknown[] = []): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: [...details] });

/** The same failure for one caller: with the id of the request that met it, as an answer would have it. */
export const forRequest = (failure: ApplicationFailure, requestId: string | undefined): ApplicationFailure =>
  requestId === undefined
    ? failure
    : ApplicationFailure.create({
        message: failure.message,
        nonRetryable: true,
        details: [...(failure.details ?? []), { requestId }],
        ...(failure.type === undefined || failure.type === null ? {} : { type: failure.type }),
      });

/** The failure of a call that comes after the end. */
export const endedFailure = ({ progress }: State): ApplicationFailure =>
  failure('Ended', progress.phase === 'ended' ? `the onboarding ended as ${progress.decision.outcome}` : 'it ended');

export const invalidRequest = (errors: readonly FieldError[]): ApplicationFailure =>
  failure('InvalidRequest', describeFieldErrors(errors), errors);

/** What was read, or a failure that says each field. */
export const orThrow = <A>(decoded: E.Either<readonly FieldError[], A>): A => {
  if (E.isLeft(decoded)) throw invalidRequest(decoded.left);
  return decoded.right;
};

// Open on purpose: reports may carry more than is asked for, and what they carry is only a hint.
const RegistrationReport = t.intersection([
  t.type({ status: matching(/^[\w.-]{1,64}$/, "one of Verifik's status words") }),
  t.partial({ appRegistrationId: VendorId }),
]);

const ValidationReport = t.intersection([RegistrationReport, t.partial({ validationId: VendorId })]);

/** Reads a report into the domain's terms. An unknown status word is no error: it is kept, and never taken for success. */
export const decodeReport = (check: CheckName, input: unknown): E.Either<readonly FieldError[], Report> =>
  pipe(
    decodeFields(ValidationReport)(input),
    E.map(
      ({ status, validationId, appRegistrationId }): Report => ({
        check,
        ...readCheckWord(check, status),
        ...(validationId === undefined ? {} : { validationId }),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      }),
    ),
  );

/** The same of a report about the registration as a whole. */
export const decodeStandingReport = (input: unknown): E.Either<readonly FieldError[], StandingReport> =>
  pipe(
    decodeFields(RegistrationReport)(input),
    E.map(
      ({ status, appRegistrationId }): StandingReport => ({
        ...readRegistrationWord(status),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      }),
    ),
  );

const About = t.type({
  about: t.keyof({ ...perCheck(() => null), appRegistration: null }, `${CHECK_NAMES.join(', ')} or appRegistration`),
});

/** Reads what one of several reports is about. */
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

export const decodeReview = (input: unknown): E.Either<readonly FieldError[], DecideReviewArgs> =>
  decodeFields(ReviewFields)(input);
