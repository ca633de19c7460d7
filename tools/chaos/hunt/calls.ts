import { randomBytes, randomUUID } from 'node:crypto';
import type { StartedOnboarding } from '../../../client/index.js';
import { type Applicant, createApplicant, type Person, type Random } from '../../sandbox/index.js';
import { CHECKS, drawn } from '../personas.js';
import type { Environment } from './environment.js';

/** An onboarding of the hunt: its applicant, and the calls that may have decided it. */
export interface Subject {
  readonly reference: string;
  readonly person: Person;
  readonly started: StartedOnboarding;
  applicant: Applicant;
  isWithdrawn: boolean;
  isRejected: boolean;
  /** People have set the registration to failed in Verifik's panel. */
  isFailed: boolean;
  /** Verifik has forgotten the first registration, before or after the end. */
  isForgotten: boolean;
}

type Call = (environment: Environment, subject: Subject, random: Random) => Promise<void>;

const FLOOD = { signals: 6, reports: 200 };

const applicantWith = ({ verifik: { url, project } }: Environment, person: Person, token: string): Applicant =>
  createApplicant({ url, token, project, person });

/** Starts the onboarding of a person, whose email may force the outcomes of checks. */
export const begin = async (environment: Environment, reference: string, person: Person): Promise<Subject> => {
  const { email, phone, countryCode, fullName } = person;
  const { project, projectFlow } = environment.verifik;
  const started = await environment.onboardings.start(
    {
      ...{ project, projectFlow, fullName, contact: { email, phone, countryCode } },
      policy: { reconcile: { firstMs: 10_000, maxMs: 30_000 }, deadlineMs: 90_000, attemptLimits: { document: 2 } },
    },
    { reference, callbacks: { endpoint: 'service' }, timeoutMs: 60_000 },
  );
  const applicant = applicantWith(environment, person, started.token);
  return {
    reference,
    person,
    started,
    applicant,
    isWithdrawn: false,
    isRejected: false,
    isFailed: false,
    isForgotten: false,
  };
};

const useToken = (environment: Environment, subject: Subject, { token }: StartedOnboarding): void => {
  subject.applicant = applicantWith(environment, subject.person, token);
};

const pass = async (
  { onboardings }: Environment,
  { applicant, started: { workflowId } }: Subject,
  name: (typeof CHECKS)[number],
  { force = false, copies = 1 },
): Promise<void> => {
  const { status, validationId } = await applicant.pass(name, { force });
  for (let copy = 0; copy < copies; copy += 1)
    await onboardings.signalValidation(workflowId, name, { status, validationId });
};

const check: Call = (environment, subject, random) =>
  pass(environment, subject, drawn(random, CHECKS), { force: random.below(8) === 0, copies: 1 + random.below(2) });

/** The applicant gets a live token and does every check that is not done. */
export const finish = async (environment: Environment, subject: Subject): Promise<void> => {
  useToken(environment, subject, await environment.onboardings.registration(subject.started.workflowId));
  for (const name of CHECKS) await pass(environment, subject, name, {});
};

/** The reset to the end of some workflow task: what followed from it is done again. */
const reset: Call = async ({ raw, temporal: { namespace } }, { started: { workflowId } }, random) => {
  const handle = raw.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const { events } = await raw.workflow.getHandle(workflowId, runId).fetchHistory();
  const completed = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const to = completed[random.below(completed.length)];
  if (to?.eventId == null) return;
  await raw.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId, runId },
    reason: 'the hunt',
    requestId: randomUUID(),
    workflowTaskFinishEventId: to.eventId,
  });
};

/** Everything that callers, people and Verifik do to an onboarding, with how many of a hundred calls it is. */
const CALLS: readonly { readonly share: number; readonly call: Call }[] = [
  { share: 44, call: check },
  {
    share: 2,
    call: async ({ verifik }, subject, random) => {
      const status = random.below(2) === 0 ? 'FAILED' : 'NEEDS_MANUAL_VERIFICATION';
      subject.isFailed ||= status === 'FAILED';
      await verifik.control.override(subject.started.appRegistrationId, status, 'the hunt');
    },
  },
  {
    share: 12,
    call: async (environment, subject) =>
      useToken(environment, subject, await environment.onboardings.registration(subject.started.workflowId)),
  },
  {
    share: 8,
    call: async (environment, subject) =>
      useToken(environment, subject, await environment.onboardings.reRegister(subject.started.workflowId)),
  },
  {
    share: 10,
    call: async ({ onboardings }, subject, random) => {
      const decision = random.below(4) === 0 ? 'reject' : 'approve';
      subject.isRejected ||= decision === 'reject';
      await onboardings.decideReview(subject.started.workflowId, { decision, reviewer: 'reviewer-1' });
    },
  },
  {
    share: 6,
    call: ({ onboardings }, { started }, random) =>
      onboardings.signalValidation(started.workflowId, drawn(random, CHECKS), { status: 'validated' }),
  },
  {
    share: 3,
    call: ({ reports }, _subject, random) => {
      // In the form of Verifik's ids, and unknown to it.
      const appRegistrationId = randomBytes(12).toString('hex');
      const report = { about: drawn(random, CHECKS), status: 'validated', appRegistrationId } as const;
      return reports.deliver(report, [{ by: 'registration', appRegistrationId }]).then(() => undefined);
    },
  },
  {
    share: 3,
    call: async ({ raw }, { started: { workflowId } }) => {
      const handle = raw.workflow.getHandle(workflowId);
      const about = CHECKS.map((name) => ({ about: name, status: 'sent' }));
      for (let signal = 0; signal < FLOOD.signals; signal += 1)
        await handle.signal(
          'reports',
          Array.from({ length: FLOOD.reports }, (_, index) => about[index % 4]),
        );
    },
  },
  { share: 4, call: reset },
  {
    share: 2,
    call: async ({ verifik }, subject) => {
      await verifik.control.forget(subject.started.appRegistrationId);
      subject.isForgotten = true;
    },
  },
  {
    share: 2,
    call: async ({ onboardings }, subject) => {
      subject.isWithdrawn = true;
      await onboardings.withdraw(subject.started.workflowId);
    },
  },
  {
    share: 2,
    call: async ({ onboardings }, { reference }) => {
      await onboardings.placeLegalHold(reference, { placedBy: 'counsel-1' });
      await onboardings.liftLegalHold(reference, { liftedBy: 'counsel-2' });
    },
  },
  {
    share: 2,
    call: ({ onboardings }, { started }) => onboardings.replayEvent(started.workflowId, 1),
  },
];

const LOTS = CALLS.flatMap(({ share, call }) => Array.from({ length: share }, () => call));

/**
 * One call, whichever the seed draws. Rejects where the call is refused, as many are: what it was about may have ended.
 */
export const callAtRandom: Call = (environment, subject, random) => drawn(random, LOTS)(environment, subject, random);
