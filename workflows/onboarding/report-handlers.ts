import { setHandler } from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import { appRegistrationSignal, reportsSignal, validationSignals } from '../../contract/messages.js';
import { CHECK_NAMES, type CheckName, type PerCheck } from '../../domain/checks.js';
import type { JunkSubject } from '../../domain/events.js';
import { describeFieldErrors, type FieldError } from '../../shared/decoding.js';
import { decodeAbout, decodeReport, decodeStandingReport } from '../shared/decoding.js';
import type { Casefile, Undated } from './run.js';

const REPORT_EXAMPLES: PerCheck<string> = {
  email: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}',
  phone: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234502"}',
  document: '{"status": "completed", "validationId": "65f0a1b2c3d4e5f601234503"}',
  biometric: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234504"}',
};

const junk = (check: JunkSubject, errors: readonly FieldError[]): Undated => ({
  type: 'JunkReported',
  check,
  problem: describeFieldErrors(errors),
});

const checkEvent = (check: CheckName, input: unknown): Undated => {
  const report = decodeReport(check, input);
  return E.isRight(report) ? { type: 'ValidationReported', ...report.right } : junk(check, report.left);
};

const registrationEvent = (input: unknown): Undated => {
  const report = decodeStandingReport(input);
  return E.isRight(report) ? { type: 'RegistrationReported', ...report.right } : junk('registration', report.left);
};

const anyEvent = (input: unknown): Undated => {
  const read = decodeAbout(input);
  if (E.isLeft(read)) return junk('reports', read.left);
  const { about } = read.right;
  return about === 'appRegistration' ? registrationEvent(input) : checkEvent(about, input);
};

const NOT_A_LIST: Undated = junk('reports', [{ field: '(root)', expected: 'a list of reports' }]);

/** Takes reports, one by one and several at once. What cannot be read is counted and harms nothing beside it. */
export const takeReports = (casefile: Casefile): void => {
  for (const check of CHECK_NAMES)
    setHandler(validationSignals[check], (input: unknown) => casefile.enter(checkEvent(check, input)), {
      description: `Reports what became of the ${check} validation. Send Verifik's status word and, where known, the validation's id: ${REPORT_EXAMPLES[check]}. A hint: Verifik is read before anything is decided.`,
    });
  setHandler(appRegistrationSignal, (input: unknown) => casefile.enter(registrationEvent(input)), {
    description:
      'Reports where the app registration as a whole stands. Send Verifik\'s status word and, where known, its id: {"status": "NEEDS_MANUAL_VERIFICATION", "appRegistrationId": "65f0a1b2c3d4e5f601234500"}. A hint: Verifik is read before anything is decided.',
  });
  setHandler(
    reportsSignal,
    (input: unknown) => {
      const events = Array.isArray(input) ? input.map(anyEvent) : [NOT_A_LIST];
      for (const event of events) casefile.enter(event);
    },
    {
      description:
        'Several reports at once, each with what it is about (email, phone, document, biometric or appRegistration): [{"about": "email", "status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}, {"about": "appRegistration", "status": "ONGOING"}].',
    },
  );
};
