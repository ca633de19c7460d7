import * as t from 'io-ts';
import { oneOf, wholeNumber } from '../../shared/decoding.js';
import { CHECK_NAMES } from '../checks.js';
import { OUTCOMES } from '../outcomes.js';
import { STANDINGS } from '../reading.js';
import { FINDINGS, STEPS } from './counts.js';

const keysOf = <K extends string>(table: Readonly<Record<K, string>>): readonly K[] =>
  // The tables are made of literals: they have no other keys.
  Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));

/** One line of a batch's report: one registration. No personal data. */
export const ReportLine = t.intersection([
  t.type({
    /** Its place in the source, from 1. */
    ordinal: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    appRegistrationId: t.string,
    result: oneOf([...keysOf(FINDINGS), ...keysOf(STEPS)]),
  }),
  t.partial({
    /** Where it stands at the vendor. */
    standing: oneOf(STANDINGS),
    /** The vendor's status word, where we do not know it. */
    unknownWord: t.string,
    /** What was known here. */
    known: oneOf([...OUTCOMES, 'open']),
    /** `reverify`: the onboarding that was begun, or that was running already. */
    workflowId: t.string,
    checks: t.array(oneOf(CHECK_NAMES)),
    /** Why it is `unreadable`: a word of ours, no text of the vendor's. */
    problem: t.string,
  }),
]);

export type ReportLine = t.TypeOf<typeof ReportLine>;

/** One line of a file that was skipped: its number, from 1, and what was expected there. Never what stood there. */
export const BadLine = t.type({ line: wholeNumber(1, Number.MAX_SAFE_INTEGER), expected: t.string });

export type BadLine = t.TypeOf<typeof BadLine>;

/** How one onboarding of a batch ended or stands. */
export const OutcomeLine = t.intersection([
  t.type({
    workflowId: t.string,
    status: oneOf([...OUTCOMES, 'running', 'failed']),
  }),
  t.partial({ appRegistrationId: t.string }),
]);

export type OutcomeLine = t.TypeOf<typeof OutcomeLine>;
