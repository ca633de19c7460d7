import * as E from 'fp-ts/lib/Either.js';
import type { CheckName } from '../../domain/checks.js';
import type { Undated, UndecodableSubject } from '../../domain/transitions.js';
import { describeFieldErrors, type FieldError } from '../../shared/decoding.js';
import { decodeAbout, decodeRegistrationReport, decodeReport } from '../shared/decoding.js';

const undecodable = (check: UndecodableSubject, errors: readonly FieldError[]): Undated => ({
  type: 'UndecodableReported',
  check,
  problem: describeFieldErrors(errors),
});

/** Reads a report about a check; one that cannot be read becomes an event as well. */
export const checkReport = (check: CheckName, input: unknown): Undated => {
  const report = decodeReport(check, input);
  return E.isRight(report) ? { type: 'ValidationReported', ...report.right } : undecodable(check, report.left);
};

/** Reads a report about the registration as a whole. */
export const registrationReport = (input: unknown): Undated => {
  const report = decodeRegistrationReport(input);
  return E.isRight(report)
    ? { type: 'RegistrationReported', ...report.right }
    : undecodable('registration', report.left);
};

const anyReport = (input: unknown): Undated => {
  const read = decodeAbout(input);
  if (E.isLeft(read)) return undecodable('reports', read.left);
  const { about } = read.right;
  return about === 'appRegistration' ? registrationReport(input) : checkReport(about, input);
};

const NOT_A_LIST: Undated = undecodable('reports', [{ field: '(root)', expected: 'a list of reports' }]);

/** Reads several reports, each of which says what it is about. */
export const reportsOf = (input: unknown): readonly Undated[] =>
  Array.isArray(input) ? input.map(anyReport) : [NOT_A_LIST];
