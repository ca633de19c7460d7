import * as E from 'fp-ts/lib/Either.js';
import type { CheckName } from '../../domain/checks.js';
import type { JunkSubject } from '../../domain/transitions.js';
import { describeFieldErrors, type FieldError } from '../../shared/decoding.js';
import { decodeAbout, decodeReport, decodeStandingReport } from '../shared/decoding.js';
import type { Undated } from './run.js';

const junk = (check: JunkSubject, errors: readonly FieldError[]): Undated => ({
  type: 'JunkReported',
  check,
  problem: describeFieldErrors(errors),
});

/** Reads a report about a check; one that cannot be read becomes an event as well. */
export const checkReport = (check: CheckName, input: unknown): Undated => {
  const report = decodeReport(check, input);
  return E.isRight(report) ? { type: 'ValidationReported', ...report.right } : junk(check, report.left);
};

/** Reads a report about the registration as a whole. */
export const registrationReport = (input: unknown): Undated => {
  const report = decodeStandingReport(input);
  return E.isRight(report) ? { type: 'RegistrationReported', ...report.right } : junk('registration', report.left);
};

const anyReport = (input: unknown): Undated => {
  const read = decodeAbout(input);
  if (E.isLeft(read)) return junk('reports', read.left);
  const { about } = read.right;
  return about === 'appRegistration' ? registrationReport(input) : checkReport(about, input);
};

const NOT_A_LIST: Undated = junk('reports', [{ field: '(root)', expected: 'a list of reports' }]);

/** Reads several reports, each of which says what it is about. */
export const reportsOf = (input: unknown): readonly Undated[] =>
  Array.isArray(input) ? input.map(anyReport) : [NOT_A_LIST];
