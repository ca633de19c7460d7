import { isDeepStrictEqual } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { RegistrationRecord } from '../../sandbox/index.js';
import { type Applicant, CHECKS, type Check, personaOf } from '../personas.js';
import { found, PASSED } from './conditions.js';
import type { CheckedEvidence, Observations } from './observations.js';

const Score = t.intersection([t.type({ score: t.number }), t.partial({ minScore: t.number })]);

const CheckOf = t.intersection([
  t.type({ status: t.string }),
  t.partial({ validationId: t.string, approvedBy: t.string }),
]);

/** The document as `docs/evidence.md` describes it. */
const Document = t.intersection([
  t.type({
    version: t.literal('1'),
    workflowId: t.string,
    startedAt: t.number,
    decision: t.type({ outcome: t.string, reason: t.string, decidedAt: t.number }),
    checks: t.type({ email: CheckOf, phone: CheckOf, document: CheckOf, biometric: CheckOf }),
    attempts: t.array(t.type({ check: t.string, validationId: t.string, reason: t.string, readAt: t.number })),
    generations: t.array(t.type({ generation: t.number, appRegistrationId: t.string, at: t.number })),
    reviews: t.array(
      t.type({
        ...{ at: t.number, decision: t.string, reviewer: t.string },
        checks: t.array(t.type({ check: t.string, validationId: t.string })),
      }),
    ),
    events: t.array(t.type({ sequence: t.number, type: t.string, at: t.number })),
  }),
  t.partial({
    registration: t.type({ appRegistrationId: t.string, status: t.string }),
    liveness: t.intersection([Score, t.type({ readAt: t.number, validationId: t.string })]),
    comparison: t.intersection([Score, t.type({ result: t.string, appRegistrationId: t.string, readAt: t.number })]),
  }),
]);

type Document = t.TypeOf<typeof Document>;

const wrongCheck = (check: Check, { checks }: Document, record: RegistrationRecord): readonly string[] => {
  const { status, validationId, approvedBy } = checks[check];
  if (status !== 'passed') return [];
  const current = record.validations.find(({ kind }) => kind === check);
  return found(
    current?._id !== validationId && `${check} passed with ${validationId}, Verifik has ${current?._id}`,
    approvedBy === undefined && !PASSED.has(current?.status ?? '') && `${check} is ${current?.status} at Verifik`,
  );
};

/** Describes the fields that differ from the records of the registration at Verifik. */
const againstRecord = (document: Document, record: RegistrationRecord): readonly string[] => {
  const { attempts, liveness, comparison, checks } = document;
  const failed = record.failed.map(({ _id, kind, failedReason = 'unspecified' }) => [kind, _id, failedReason]);
  const { score, minScore } = liveness ?? {};
  const { result, appRegistrationId } = comparison ?? {};
  const compared = { passed: result === 'match', score: comparison?.score, minScore: comparison?.minScore };
  return [
    ...CHECKS.flatMap((check) => wrongCheck(check, document, record)),
    ...found(
      !isDeepStrictEqual(
        attempts.map(({ check, validationId, reason }) => [check, validationId, reason]),
        failed,
      ) && `the attempts are ${JSON.stringify(attempts)}, Verifik has ${JSON.stringify(failed)}`,
      checks.biometric.status === 'passed' &&
        !isDeepStrictEqual({ score, minScore }, record.liveness) &&
        `the liveness is ${JSON.stringify(liveness)}, Verifik has ${JSON.stringify(record.liveness)}`,
      checks.biometric.status === 'passed' &&
        liveness?.validationId !== checks.biometric.validationId &&
        'the liveness is of another selfie',
      checks.biometric.status === 'passed' &&
        !(isDeepStrictEqual(compared, record.comparison) && appRegistrationId === record._id) &&
        `the comparison is ${JSON.stringify(comparison)}, Verifik has ${JSON.stringify(record.comparison)}`,
    ),
  ];
};

const REVIEWER = 'reviewer-1';

/** Describes the difference from one request to repeat a document that is not the current one. */
const wrongRequest = (reviews: Document['reviews'], current: string | undefined): readonly string[] => {
  const [request] = reviews;
  const isRight =
    reviews.length === 1 &&
    request?.decision === 'again' &&
    request.reviewer === REVIEWER &&
    request.checks.length === 1 &&
    request.checks.every(({ check, validationId }) => check === 'document' && validationId !== current);
  return found(!isRight && `the reviews are ${JSON.stringify(reviews)}`);
};

/** Describes the differences between the reviews and what the persona's reviewer did. */
const wrongReviews = ({ reviews, checks }: Document, { persona }: Applicant): readonly string[] => {
  const { validationId } = checks.document;
  const approval = { decision: 'approve', reviewer: REVIEWER, checks: [{ check: 'document', validationId }] };
  if (persona === 'repeats') return wrongRequest(reviews, validationId);
  const expected = personaOf(persona).reason === 'approvedByReviewer' ? [approval] : [];
  const given = reviews.map(({ decision, reviewer, checks: names }) => ({
    ...{ decision, reviewer },
    checks: names.map(({ check, validationId: id }) => ({ check, validationId: id })),
  }));
  return found(!isDeepStrictEqual(given, expected) && `the reviews are ${JSON.stringify(reviews)}`);
};

const wrongGenerations = ({ generations, registration }: Document, { persona }: Applicant): readonly string[] => {
  const ids = new Set(generations.map(({ appRegistrationId }) => appRegistrationId));
  return found(
    generations.some(({ generation }, index) => generation !== index + 1) && 'a generation is missing',
    generations.at(-1)?.appRegistrationId !== registration?.appRegistrationId &&
      'the last generation is of another registration',
    registration !== undefined && ids.size !== personaOf(persona).registrations && `it has ${ids.size} registrations`,
  );
};

/** Describes the times that are not between the start and the decision. */
const wrongTimes = ({
  startedAt,
  decision,
  attempts,
  generations,
  reviews,
  events,
  ...scores
}: Document): readonly string[] => {
  const read = [...attempts, ...[scores.liveness, scores.comparison].flatMap((one) => one ?? [])];
  const earlier = events.filter(({ type }) => type !== 'onboarding.ended');
  const times = [...read.map(({ readAt }) => readAt), ...[...generations, ...reviews, ...earlier].map(({ at }) => at)];
  return found(
    times.some((at) => at < startedAt || at > decision.decidedAt) && 'a time is before the start or after the decision',
  );
};

/** Describes the fields of a document that differ from everything else that is known of the onboarding. */
const differences = (document: Document, applicant: Applicant, observed: Observations): readonly string[] => {
  const { reference } = applicant;
  const { outcome, reason, appRegistrationId } = observed.outcomes.get(reference) ?? {};
  const { decision, registration, workflowId, events } = document;
  const record = observed.vendor.records.find(({ _id }) => _id === registration?.appRegistrationId);
  const received = new Map(
    observed.callbacks.flatMap((one) =>
      'event' in one && one.event.data.id === reference ? [[one.event.data.sequence, one.event.type] as const] : [],
    ),
  );
  return [
    ...found(
      !(decision.outcome === outcome && decision.reason === reason) &&
        `it says ${decision.outcome} (${decision.reason})`,
      workflowId !== observed.workflowIds.get(reference) && `it is of ${workflowId}`,
      registration?.appRegistrationId !== appRegistrationId &&
        `it is of the registration ${registration?.appRegistrationId}`,
      !isDeepStrictEqual(
        events.map(({ sequence, type }) => [sequence, type]),
        [...received].sort(([a], [b]) => a - b),
      ) && 'its events are not those of the callbacks',
      record !== undefined && record.email !== applicant.person.email && 'its registration is of somebody else',
    ),
    ...(record === undefined ? [] : againstRecord(document, record)),
    ...wrongReviews(document, applicant),
    ...wrongGenerations(document, applicant),
    ...wrongTimes(document),
  ];
};

/** Describes how the evidence of an onboarding is wrong. */
export const wrongEvidence = (
  checked: CheckedEvidence | undefined,
  applicant: Applicant,
  observed: Observations,
): readonly string[] => {
  if (checked === undefined) return ['there is no evidence'];
  const document = Document.decode(checked.document);
  const delivered = observed.callbacks.flatMap((one) =>
    'event' in one && one.event.data.id === applicant.reference && one.event.type === 'onboarding.ended'
      ? [one.event.data.evidence]
      : [],
  );
  return [
    ...found(
      checked.refused !== undefined && `it is refused: ${checked.refused}`,
      checked.acceptsChange && 'it is accepted with a changed byte',
      delivered.some((signed) => signed !== checked.signed) && 'the callback has other evidence',
    ),
    ...(E.isLeft(document) ? ['its form is unknown'] : differences(document.right, applicant, observed)),
  ];
};
