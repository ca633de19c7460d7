import { type ApplicationFailure, setHandler, workflowInfo } from '@temporalio/workflow';
import * as t from 'io-ts';
import { orThrow } from '../../contract/failures.js';
import {
  applicantQuery,
  appRegistrationSignal,
  eventsQuery,
  onboardingQuery,
  registrationUpdate,
  reportsSignal,
  reRegisterUpdate,
  type UpdateDelivery,
  validationSignals,
  withdrawSignal,
} from '../../contract/messages.js';
import { eventsAfter } from '../../domain/changes.js';
import { CHECK_NAMES, type PerCheck } from '../../domain/checks.js';
import { liveToken } from '../../domain/state.js';
import { closed, decodeFields, wholeNumber } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { causedBy, decodeReRegistration } from '../shared/decoding.js';
import { registerEvidenceQuery } from './evidence-query.js';
import { checkReport, registrationReport, reportsOf } from './reports.js';
import { registerReviewHandlers } from './review-handlers.js';
import type { OnboardingRun } from './run.js';

/** Registers every signal, update and query. Handlers apply events and wait; the workflow decides what follows. */
export const registerMessageHandlers = (run: OnboardingRun): void => {
  registerReportHandlers(run);
  registerTokenHandlers(run);
  registerReviewHandlers(run);
  registerQueryHandlers(run);
  registerEvidenceQuery(run);
  setHandler(withdrawSignal, () => run.apply({ type: 'Withdrawn' }), {
    description: 'Ends the onboarding as withdrawn, without an outcome for the applicant. Takes no input.',
  });
};

/** Registers an update handler that rejects every caller: for a workflow that cannot begin. */
export const registerRejectingHandler = (rejection: ApplicationFailure): void =>
  setHandler(registrationUpdate, (args) => {
    throw causedBy(rejection, defined({ requestId: args?.requestId }));
  });

const REPORT_EXAMPLES: PerCheck<string> = {
  email: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}',
  phone: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234502"}',
  document: '{"status": "completed", "validationId": "65f0a1b2c3d4e5f601234503"}',
  biometric: '{"status": "validated", "validationId": "65f0a1b2c3d4e5f601234504"}',
};

/** Reports, one by one and several at once. A report that cannot be read is counted and does not affect the others. */
const registerReportHandlers = (run: OnboardingRun): void => {
  for (const check of CHECK_NAMES)
    setHandler(validationSignals[check], (input: unknown) => run.apply(checkReport(check, input)), {
      description: `Reports the status of the ${check} validation. Send Verifik's status word and, where known, the validation's id: ${REPORT_EXAMPLES[check]}. A hint: Verifik is read before anything is decided.`,
    });
  setHandler(appRegistrationSignal, (input: unknown) => run.apply(registrationReport(input)), {
    description:
      'Reports the status of the app registration as a whole. Send Verifik\'s status word and, where known, its id: {"status": "NEEDS_MANUAL_VERIFICATION", "appRegistrationId": "65f0a1b2c3d4e5f601234500"}. A hint: Verifik is read before anything is decided.',
  });
  setHandler(
    reportsSignal,
    (input: unknown) => {
      for (const event of reportsOf(input)) run.apply(event);
    },
    {
      description:
        'Several reports at once, each with what it is about (email, phone, document, biometric or appRegistration): [{"about": "email", "status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}, {"about": "appRegistration", "status": "ONGOING"}].',
    },
  );
};

const registerTokenHandlers = (run: OnboardingRun): void => {
  const { fingerprints } = run.input;
  setHandler(
    registrationUpdate,
    async (args) => {
      const cause = defined({ requestId: args?.requestId });
      run.advance();
      const { state } = run;
      const isLive = liveToken(state, run.now()) !== undefined;
      if (!isLive) run.apply({ type: 'TokenRequested' });
      const after = isLive ? state.generation - 1 : state.generation;
      const registration = await run.tokens.waitFor(run, after, { cause });
      return { ...registration, ...cause, ...defined({ fingerprints }) };
    },
    {
      validator: (_args) => run.throwIfOver(),
      description:
        'Waits until there is a live registration token and answers with it: Verifik is asked for one only if there is no live one. Takes no input. The token is a secret of the applicant.',
    },
  );
  setHandler(
    reRegisterUpdate,
    async (input, delivery?: UpdateDelivery) => {
      const cause = defined({ fingerprints: delivery?.fingerprints });
      const { contact, contactKeys } = orThrow(decodeReRegistration(run.state.policy, input));
      const { generation } = run.state;
      run.apply({ type: 'ReRegistrationRequested', ...(contact === undefined ? {} : { contact }) });
      const registration = await run.tokens.waitFor(run, generation, { cause, as: 'reRegister' });
      if (contactKeys !== undefined) {
        run.useContactKeys(contactKeys);
        run.searchAttributes.publish();
      }
      return { ...registration, ...cause };
    },
    {
      validator: (input, _delivery?: UpdateDelivery) => {
        run.throwIfOver();
        orThrow(decodeReRegistration(run.state.policy, input));
      },
      description:
        'Registers the applicant again and answers with the new token. Send {} or, where the contact has changed, the new one as a whole: {"contact": {"email": "applicant@example.com", "phone": "3001234567", "countryCode": "+57"}, "reason": "new number"}.',
    },
  );
};

const EventsFields = closed(t.partial({ after: wholeNumber(0, Number.MAX_SAFE_INTEGER) }));

const registerQueryHandlers = (run: OnboardingRun): void => {
  const {
    request,
    input: { callbacks },
  } = run;
  setHandler(onboardingQuery, () => ({ ...run.snapshot(Date.now()), refusals: run.tokens.rejectionCount }), {
    description:
      'The state of the onboarding, who has to act until when, and the actions that are possible. Takes no input. Without secrets.',
  });
  setHandler(
    eventsQuery,
    (args = {}) => {
      const { after = 0 } = orThrow(decodeFields(EventsFields)(args));
      const { log } = run;
      return {
        events: eventsAfter(log, after),
        last: log.last,
        oldest: log.kept[0]?.sequence ?? 0,
        onboardingRunId: workflowInfo().firstExecutionRunId,
        snapshot: run.snapshot(Date.now()),
        ...(callbacks === undefined ? {} : { callbacks }),
      };
    },
    {
      description:
        'The events so far, oldest first, and the state of the onboarding. Send {} or, for the events after a certain one, its sequence number: {"after": 3}. Without secrets and personal data.',
    },
  );
  setHandler(
    applicantQuery,
    () => {
      const { fullName, language } = request;
      return { contact: run.state.contact, fullName, ...(language === undefined ? {} : { language }) };
    },
    { description: 'Who is being onboarded: the contact now in use and the name. Takes no input. Personal data.' },
  );
};
