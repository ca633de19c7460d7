import * as t from 'io-ts';
import { documented, oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { CHANGES, type EventLog } from '../changes.js';
import { type CheckName, perCheck } from '../checks.js';
import { CheckReasonCodec, Count, DecisionCodec, Moment, RegistrationStatusCodec } from '../outcome-codecs.js';
import { policyHashOf } from '../policy/hash.js';
import type { ReviewRecord } from '../review/records.js';
import { isRequired, type State } from '../state.js';
import { AttemptCodec, ComparisonCodec, GenerationCodec, LivenessCodec, ReviewCodec } from './parts.js';

const CheckCodec = documented(
  t.intersection([
    t.type({ status: oneOf(['notRequired', 'pending', 'passed', 'failed', 'inReview']) }),
    t.partial({
      since: Moment,
      validationId: documented(t.string, { description: "Verifik's id of the validation that the status is about." }),
      approvedBy: documented(t.string, { description: 'The reviewer who approved the check.' }),
      reason: CheckReasonCodec,
      attempts: t.type({ failed: Count, limit: Count }),
    }),
  ]),
  { title: 'EvidenceCheck', description: 'The status of a check at the decision.' },
);

/** The record of a decided onboarding. It does not change after the decision. */
export const EvidenceCodec = documented(
  t.intersection([
    t.type({
      version: documented(t.literal('1'), { description: 'The version of this form of document.' }),
      workflowId: t.string,
      onboardingRunId: documented(t.string, { description: "Temporal's id of the onboarding's first run." }),
      project: t.string,
      projectFlow: t.string,
      policyHash: documented(t.string, {
        description: 'The SHA-256 of `decision.policy` in canonical JSON (RFC 8785), in hexadecimal.',
      }),
      startedAt: Moment,
      deadline: Moment,
      decision: DecisionCodec,
      checks: t.type(perCheck(() => CheckCodec)),
      attempts: t.readonlyArray(AttemptCodec),
      generations: t.readonlyArray(GenerationCodec),
      reviews: t.readonlyArray(ReviewCodec),
      reminders: t.type({ sent: Count, unsent: Count }),
      events: documented(t.readonlyArray(t.type({ sequence: Count, type: t.keyof(CHANGES), at: Moment })), {
        description: 'The last 100 events, each with the fields that its callback has in `data`.',
      }),
    }),
    t.partial({
      reference: documented(t.string, { description: "The caller's reference, after the tenant in a gateway." }),
      registration: t.intersection([
        t.type({ appRegistrationId: t.string, status: RegistrationStatusCodec }),
        t.partial({ unknownWord: t.string, readAt: Moment }),
      ]),
      liveness: LivenessCodec,
      comparison: ComparisonCodec,
      applicant: documented(
        t.intersection([
          t.type({
            contact: t.partial({ email: t.string, phone: t.string, countryCode: t.string }),
            fullName: t.string,
          }),
          t.partial({ language: t.string }),
        ]),
        { description: 'Personal data. Only if asked for, as are the notes of reviews.' },
      ),
    }),
  ]),
  { title: 'Evidence', description: 'The record of a decided onboarding, which does not change any more.' },
);

export type Evidence = Readonly<t.TypeOf<typeof EvidenceCodec>>;

/** The parts of the evidence that are not in the state. */
export interface EvidenceSource {
  readonly workflowId: string;
  readonly onboardingRunId: string;
  readonly reference?: string | undefined;
  readonly request: {
    readonly project: string;
    readonly projectFlow: string;
    readonly fullName: string;
    readonly language?: string;
  };
}

const checkOf = (state: State, name: CheckName): t.TypeOf<typeof CheckCodec> => {
  const check = state.checks[name];
  if (!isRequired(check)) return { status: 'notRequired' };
  const { status, since, validationId, reason, failedValidations } = check;
  const approvedBy = check.status === 'passed' ? check.approvedBy : undefined;
  const attempts = { failed: failedValidations.length, limit: state.policy.attemptLimits[name] };
  return { status, since, attempts, ...defined({ validationId, approvedBy, reason }) };
};

const reviewOf = (
  { reviewed: checks, note, ...review }: ReviewRecord,
  personalData: boolean,
): t.TypeOf<typeof ReviewCodec> => ({ ...review, checks, ...defined({ note: personalData ? note : undefined }) });

/**
 * Returns the evidence of an onboarding, `undefined` before its decision. Holds ids, codes and times; personal data
 * only with `personalData`.
 */
export const evidenceOf = (
  state: State,
  log: EventLog,
  { request, reference, ...ids }: EvidenceSource,
  personalData = false,
): Evidence | undefined => {
  if (state.progress.phase !== 'ended') return undefined;
  const { decision, registration } = state.progress;
  const { attempts = [], generations = [], liveness, comparison } = state.record ?? {};
  const { project, projectFlow, fullName, language } = request;
  const { sent, unsent } = state.reminders;
  return {
    version: '1',
    ...ids,
    ...{ project, projectFlow, policyHash: policyHashOf(decision.policy) },
    ...{ startedAt: state.startedAt, deadline: state.deadline, decision },
    checks: perCheck((name) => checkOf(state, name)),
    ...{ attempts, generations, reminders: { sent, unsent } },
    reviews: (state.reviews ?? []).map((review) => reviewOf(review, personalData)),
    events: log.kept,
    ...defined({
      ...{ reference, registration, liveness, comparison },
      applicant: personalData ? { contact: state.contact, fullName, ...defined({ language }) } : undefined,
    }),
  };
};
