import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { ReadOutcome } from '../../contract/activities.js';
import { failure } from '../../contract/failures.js';
import type { FailureType } from '../../contract/messages.js';
import { decide, type NextStep, type ReadReason } from '../../domain/decide.js';
import { callsUntil } from '../../domain/review/clock.js';
import type { Undated } from '../../domain/transitions.js';
import { needsDocumentExpiry } from '../../domain/validity.js';
import { defined } from '../../shared/defined.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import type { OnboardingRun } from './run.js';
import { type CallOptions, callDurably, callQuicklyFirst } from './vendor.js';

/**
 * How long after the deadline Verifik is still called, so that the final read does not wait for long while Verifik is
 * down.
 */
const GRACE_MS = 15 * MINUTE_MS;

type Step<S extends NextStep['step']> = Extract<NextStep, { step: S }>;

/** The time for calls whose failure does not change the outcome. */
const OPTIONAL_CALL_WITHIN_MS = HOUR_MS;

/**
 * A call is interrupted when another step comes first: after a withdrawal, a new contact, or a report that settles the
 * outcome.
 */
const options = (
  run: OnboardingRun,
  { step }: NextStep,
  summary: string,
  atMostMs = Number.POSITIVE_INFINITY,
): CallOptions => {
  const { contact } = run.state;
  return {
    summary,
    withinMs: Math.min(Math.max(callsUntil(run.state) - run.now(), 0) + GRACE_MS, atMostMs),
    interrupted: () => decide(run.state, run.now()).step !== step || run.state.contact !== contact,
    // An operator who lists onboardings that wait for Verifik should find it, and see the reason.
    onDelay: (fault) => {
      run.searchAttributes.publish();
      if (fault instanceof ApplicationFailure) run.showProblem({ type: fault.type ?? '', message: fault.message });
    },
    ...(run.input.batch === undefined ? {} : { batch: run.input.batch }),
  };
};

const isOf = (refusal: ApplicationFailure, ...types: readonly FailureType[]): boolean =>
  types.some((type) => type === refusal.type);

/**
 * Rejects a re-registration that a caller asked for. Without any registration the onboarding cannot go on, and fails.
 */
const registerRefused = (
  run: OnboardingRun,
  { why, contactChanged }: Step<'register'>,
  refusal: ApplicationFailure,
): void => {
  const event: Undated | undefined =
    why === 'requested' || contactChanged
      ? { type: 'ReRegistrationRefused' }
      : isOf(refusal, 'RefusedByPolicy')
        ? { type: 'RefusedByPolicy' }
        : why === 'tokenLost'
          ? { type: 'TokenUnavailable' }
          : undefined;
  if (event === undefined) throw refusal;
  // The registration that was under way continues with the former contact, and so do its callers.
  run.rejectTokens(refusal, contactChanged && why !== 'requested' ? 'reRegister' : undefined);
  run.apply(event);
};

/** Applies the answer to a request for a token, and rejects the callers that wait for one where there will be none. */
const applyToken = (run: OnboardingRun, event: Undated): void => {
  run.apply(event);
  if (event.type === 'RegistrationClosed')
    run.rejectTokens(failure('RegistrationClosed', 'the registration is over at Verifik'));
};

/** True after a reset, which repeats calls that Verifik may have answered before: the run keeps its original id. */
const wasReset = (): boolean => {
  const { runId, originalExecutionRunId } = workflowInfo();
  return originalExecutionRunId !== '' && originalExecutionRunId !== runId;
};

/** Gets a registration and its token: the first one, one in place of a lost one, or one for a new contact. */
export const register = async (run: OnboardingRun, next: Step<'register'>): Promise<void> => {
  const { project, projectFlow, fullName, language } = run.request;
  const { step: _step, ...how } = next;
  const { contact } = run.state;
  const input = { project, projectFlow, fullName, contact, ...how, ...(language === undefined ? {} : { language }) };
  const repeats = next.why === 'start' && wasReset();
  // The applicant has to do the checks again: resuming the registration would ask for none.
  const restart = next.why === 'start' && run.input.batch !== undefined ? { isRestart: true as const } : {};
  const { policy, openPolicy, policyName } = run.request;
  const required = openPolicy.required ? undefined : policy.required;
  const withContactKeys = run.contactKeys.length === 0 ? (true as const) : undefined;
  const atStart = next.why === 'start' ? defined({ required, policyName, withContactKeys }) : {};
  const call = await callQuicklyFirst(
    (activities, checkExistingFirst) =>
      activities.createAppRegistration({
        ...input,
        ...atStart,
        ...restart,
        checkExistingFirst: checkExistingFirst || repeats,
      }),
    { ...options(run, next, 'Create the app registration'), isFirst: next.why === 'start' },
  );
  if (call.kind === 'answered') {
    const { contactKeys, ...answer } = call.answer;
    if (contactKeys !== undefined) run.useContactKeys(contactKeys);
    applyToken(run, answer);
  }
  if (call.kind === 'refused') registerRefused(run, next, call.failure);
};

/**
 * Gets a new token for the registration. Callers that wait for one are rejected if Verifik gives none, and may repeat
 * the call.
 */
export const renewToken = async (run: OnboardingRun, next: Step<'renewToken'>): Promise<void> => {
  const { appRegistrationId } = next;
  const call = await callQuicklyFirst(
    (activities) => activities.renewRegistrationToken({ project: run.request.project, appRegistrationId }),
    options(run, next, 'Renew the registration token', OPTIONAL_CALL_WITHIN_MS),
  );
  if (call.kind === 'answered') applyToken(run, call.answer);
  if (call.kind === 'refused') run.rejectTokens(call.failure);
  if (call.kind === 'unreachable') run.rejectTokens(failure('Unreachable', call.problem));
  if (call.kind === 'refused' || call.kind === 'unreachable') run.apply({ type: 'TokenUnavailable' });
};

const READ_SUMMARIES: Record<ReadReason, string> = {
  confirm: 'Confirm with Verifik what was reported',
  reconcile: 'Read Verifik, as no report came for long',
  finalRead: 'Read Verifik once more before the deadline decides',
};

/**
 * Applies a read. Webhooks about a contact that the applicant changed at Verifik find the onboarding by its new keys.
 */
const applyRead = (run: OnboardingRun, outcome: ReadOutcome, upToSerial: number): void => {
  if (outcome.type !== 'VendorRead') {
    run.apply(outcome);
    return;
  }
  const { contactKeys, ...read } = outcome;
  const { contact } = run.state;
  run.apply({ ...read, upToSerial });
  if (contactKeys !== undefined && run.state.contact !== contact) run.useContactKeys(contactKeys);
};

/** Reads the registration at Verifik. After a failed read the onboarding continues at the pace of the reconcile. */
export const readVendor = async (run: OnboardingRun, next: Step<'readVendor'>): Promise<void> => {
  const { appRegistrationId, why } = next;
  const upToSerial = run.state.lastReportSerial;
  const input = {
    project: run.request.project,
    appRegistrationId,
    ...(needsDocumentExpiry(run.state) ? { withExpiry: true as const } : {}),
  };
  const callVendor = why === 'confirm' ? callQuicklyFirst : callDurably;
  const call = await callVendor(
    (activities) => activities.readAppRegistration(input),
    options(run, next, READ_SUMMARIES[why]),
  );
  switch (call.kind) {
    case 'answered':
      applyRead(run, call.answer, upToSerial);
      break;
    case 'unreachable':
      run.apply({ type: 'VendorUnreadable', problem: call.problem, upToSerial });
      break;
    case 'refused':
      run.apply({ type: 'VendorUnreadable', problem: call.failure.message, upToSerial });
      break;
    case 'interrupted':
      break;
  }
};

/**
 * Tells Verifik that the applicant has finished. If Verifik rejects this, or cannot be reached, it is read again at the
 * pace of the reconcile before the call is repeated.
 */
export const finalise = async (run: OnboardingRun, next: Step<'finalise'>): Promise<void> => {
  const { step: _step, ...input } = next;
  const call = await callQuicklyFirst(
    (activities) => activities.completeAppRegistration({ project: run.request.project, ...input }),
    options(run, next, 'Tell Verifik that the applicant has finished', OPTIONAL_CALL_WITHIN_MS),
  );
  if (call.kind === 'answered') run.apply(call.answer);
  if (call.kind === 'refused') run.apply({ type: 'FinaliseRejected', problem: call.failure.message });
  if (call.kind === 'unreachable') run.apply({ type: 'FinaliseRejected', problem: call.problem });
};

/** Has Verifik remind the applicant. The next reminder is due as late after one that was not sent. */
export const remind = async (run: OnboardingRun, next: Step<'remind'>): Promise<void> => {
  const { appRegistrationId } = next;
  const call = await callDurably(
    (activities) => activities.remindApplicant({ project: run.request.project, appRegistrationId }),
    options(run, next, 'Remind the applicant by email', OPTIONAL_CALL_WITHIN_MS),
  );
  if (call.kind === 'answered') applyToken(run, call.answer);
  else if (call.kind !== 'interrupted') run.apply({ type: 'ReminderTried', sent: false });
};

/** Deletes a voided validation at Verifik, so that its page lets the applicant repeat the check. */
export const deleteValidation = async (run: OnboardingRun, { kind, id }: Step<'deleteValidation'>): Promise<void> => {
  const call = await callDurably(
    (activities) => activities.deleteVendorRecord({ kind, id, project: run.request.project }),
    options(
      run,
      { step: 'deleteValidation', kind, id },
      `Delete the former ${kind} at Verifik`,
      OPTIONAL_CALL_WITHIN_MS,
    ),
  );
  if (call.kind === 'interrupted') return;
  const problem =
    call.kind === 'answered'
      ? call.answer.answer === 'refused'
        ? `${kind}: Verifik did not delete the former validation: ${call.answer.code}`
        : undefined
      : `${kind}: the former validation could not be deleted at Verifik`;
  run.apply({ type: 'ValidationDeleted', id, ...defined({ problem }) });
};
