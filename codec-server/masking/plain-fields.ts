import { REASONS } from '../../domain/outcomes.js';
import { HIDDEN, maskText, withoutTokens } from '../../shared/masking.js';

/** Formats the text of a field for the role `masked`. */
export type Format = (text: string) => string;

const onlyIf =
  (fits: (text: string) => boolean): Format =>
  (text) =>
    fits(text) ? maskText(text) : HIDDEN;

/** An identifier in code, such as a status or a type. */
const word = onlyIf((text) => /^[A-Za-z_][\w.:-]{0,99}$/.test(text));
/** An id, hash or time, shown unless it consists only of digits that may be a phone number. */
const id: Format = (text) => {
  if (!/^[\w.:+/=-]{1,256}$/.test(text)) return HIDDEN;
  return /^[\d.:+/=-]+$/.test(text) ? maskText(text) : withoutTokens(text);
};
const countryCode = onlyIf((text) => /^\+\d{1,3}$/.test(text));
/** The reason of a decision is a fixed word; other fields of the same name hold free text. */
const reason = onlyIf((text) => Object.hasOwn(REASONS, text));
const sentence: Format = maskText;

const named = (format: Format, ...names: readonly string[]) => names.map((name) => [name, format] as const);

/** The fields without personal data, by name or by `parent.name`. Fields that are not listed are hidden. */
const PLAIN_FIELDS: ReadonlyMap<string, Format> = new Map([
  // Inputs, state and results of workflows.
  ...named(
    word,
    'status',
    'phase',
    'hold',
    'outcome',
    'decision',
    'action',
    'result',
    'answer',
    'kind',
    'step',
    'why',
    'about',
    'by',
    'checks',
    'closing',
    'comparison',
    'contactChange',
    'reasons',
    'channels',
    'version',
    'email.reason',
    'phone.reason',
    'document.reason',
    'biometric.reason',
    'attempts.reason',
    'checks.reason',
    'reviewed.reason',
    'how',
  ),
  ...named(word, 'as', 'from', 'check', 'required', 'pending', 'language', 'unknownWord', 'code', 'type'),
  ...named(word, 'atDeadline', 'target', 'checks.document', 'checks.biometric', 'override'),
  ...named(id, 'project', 'projectFlow', 'appRegistrationId', 'formerRegistrationId', 'formerRegistrationIds'),
  ...named(id, 'appRegistrationIds'),
  ...named(
    id,
    'validationId',
    'failedValidations',
    'failedAttempts',
    'reportedFailures',
    'voidedValidationIds',
    'answeredReports',
    'requestId',
    'reference',
  ),
  ...named(
    id,
    'contactKeys',
    'contactKey',
    'onboardingRunId',
    'reviewer',
    'overruled',
    'claimedBy',
    'approvedBy',
    'placedBy',
    'liftedBy',
    'policyVersion',
    'policyName',
    'policyRevision',
    'policyHash',
    'occurredAt',
    'placedAt',
    'liftedAt',
  ),
  ...named(
    id,
    'at',
    'since',
    'startedAt',
    'decidedAt',
    'deadline',
    'until',
    'dueAt',
    'validUntil',
    'expiresAt',
    'tokenExpiresAt',
  ),
  ...named(
    id,
    'readAt',
    'readTriedAt',
    'requestedReadAt',
    'nextAt',
    'deadlineMs',
    'afterMs',
    'firstMs',
    'maxMs',
    'intervalMs',
  ),
  ...named(
    id,
    'verifiedForMs',
    'validityNoticeMs',
    'noticeMs',
    'comparisonWithinMs',
    'withinMs',
    'escalateBeforeMs',
    'forMs',
    'retryAfterMs',
    'withheld.bytes',
  ),
  ...named(
    sentence,
    'sentence',
    'what',
    'recentProblems',
    'failure',
    'problem',
    'field',
    'expected',
    'endpoint',
    'withheld.encoding',
  ),
  ['countryCode', countryCode],
  ['reason', reason],
  // Payloads of Temporal: workflow descriptions, failures and markers.
  ...named(sentence, 'currentDetails', 'message', 'stack_trace', 'stackTrace'),
  ...['queryDefinitions', 'signalDefinitions', 'updateDefinitions'].flatMap((definitions) => [
    ...named(word, `${definitions}.name`),
    ...named(sentence, `${definitions}.description`),
  ]),
  ...named(word, 'activity_type', 'activityType'),
  ...named(id, 'id', 'activity_id', 'activityId', 'workflowId', 'runId', 'seconds', 'nanos'),
]);

export const plainField = (parent: string, name: string): Format | undefined =>
  PLAIN_FIELDS.get(`${parent}.${name}`) ?? PLAIN_FIELDS.get(name);
