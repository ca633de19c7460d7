import * as t from 'io-ts';
import { oneOf, wholeNumber } from '../../shared/decoding.js';
import { CHECK_NAMES } from '../checks.js';
import { OUTCOMES } from '../outcomes.js';
import { REGISTRATION_STATUSES } from '../vendor-registration.js';
import { FINDINGS, STEPS } from './counts.js';

const keysOf = <K extends string>(table: Readonly<Record<K, string>>): readonly K[] =>
  // Object literals have no other keys.
  Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));

/** A line of a batch's report, for one registration. Contains no personal data. */
export const ReportLine = t.intersection([
  t.type({
    /** The place in the source, from 1. */
    ordinal: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    appRegistrationId: t.string,
    result: oneOf([...keysOf(FINDINGS), ...keysOf(STEPS)]),
  }),
  t.partial({
    /** The status at the vendor. */
    status: oneOf(REGISTRATION_STATUSES),
    /** The vendor's status word, if it is unknown. */
    unknownWord: t.string,
    /** The status of the latest onboarding. */
    known: oneOf([...OUTCOMES, 'open']),
    /** `reverify`: the onboarding that was started, or was running already. */
    workflowId: t.string,
    checks: t.array(oneOf(CHECK_NAMES)),
    /** The tag of the error that made it `unreadable`. Never text of the vendor. */
    problem: t.string,
  }),
]);

export type ReportLine = t.TypeOf<typeof ReportLine>;

/** A skipped line of a source file: its number, from 1, and the expected content. Never the actual content. */
export const BadLine = t.type({ line: wholeNumber(1, Number.MAX_SAFE_INTEGER), expected: t.string });

export type BadLine = t.TypeOf<typeof BadLine>;

/** The status of one onboarding of a batch. */
export const OutcomeLine = t.intersection([
  t.type({
    workflowId: t.string,
    status: oneOf([...OUTCOMES, 'running', 'failed']),
  }),
  t.partial({ appRegistrationId: t.string }),
]);

export type OutcomeLine = t.TypeOf<typeof OutcomeLine>;
