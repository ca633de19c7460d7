import { REASONS } from '../../domain/outcomes.js';
import { HIDDEN, maskText, withoutTokens } from '../../shared/masking.js';

/** How the text of a field is shown to those who may not see personal data. */
export type Show = (text: string) => string;

const onlyIf =
  (fits: (text: string) => boolean): Show =>
  (text) =>
    fits(text) ? maskText(text) : HIDDEN;

/** One of a program's own words. */
const word = onlyIf((text) => /^[A-Za-z_][\w.:-]{0,99}$/.test(text));
/** An id, a keyed hash, a moment: as it is, though not what is nothing but a number that may be a phone's, however it is written. */
const id: Show = (text) => {
  if (!/^[\w.:+/=-]{1,256}$/.test(text)) return HIDDEN;
  return /^[\d.:+/=-]+$/.test(text) ? maskText(text) : withoutTokens(text);
};
const countryCode = onlyIf((text) => /^\+\d{1,3}$/.test(text));
/** Why an onboarding ended is a word of ours under the same name as the reasons that people give. */
const reason = onlyIf((text) => Object.hasOwn(REASONS, text));
/** A sentence that a program made of its own words. */
const sentence: Show = maskText;

const named = (show: Show, ...names: readonly string[]) => names.map((name) => [name, show] as const);

/**
 * The fields that are known to hold nothing personal, by their name or, where the name alone is not enough, by that of the field
 * they are part of as well. What is not listed here is hidden.
 */
const PLAIN_FIELDS: ReadonlyMap<string, Show> = new Map([
  // What the workflow is told, remembers and answers.
  ...named(
    word,
    'status',
    'phase',
    'hold',
    'outcome',
    'decision',
    'action',
    'result',
    'standing',
    'kind',
    'step',
    'why',
    'about',
    'by',
    'refutedStandings',
    'checks',
  ),
  ...named(word, 'as', 'from', 'check', 'required', 'pending', 'language', 'unknownWord', 'code', 'type'),
  ...named(id, 'project', 'projectFlow', 'appRegistrationId', 'formerRegistrationId', 'formerRegistrationIds'),
  ...named(id, 'validationId', 'failedValidations', 'voidedValidationIds', 'answeredReports', 'requestId', 'reference'),
  ...named(
    id,
    'contactKeys',
    'contactKey',
    'fingerprint',
    'onboardingRunId',
    'reviewer',
    'approvedBy',
    'placedBy',
    'liftedBy',
    'policyVersion',
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
    'validUntil',
    'expiresAt',
    'tokenExpiresAt',
  ),
  ...named(id, 'readAt', 'readTriedAt', 'nextAt', 'deadlineMs', 'afterMs', 'firstMs', 'maxMs', 'intervalMs'),
  ...named(id, 'verifiedForMs', 'retryAfterMs', 'withheld.bytes'),
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
  // What Temporal adds: a workflow's description of itself, failures, and its own notes in a history.
  ...named(sentence, 'currentDetails', 'message', 'stack_trace', 'stackTrace'),
  ...['queryDefinitions', 'signalDefinitions', 'updateDefinitions'].flatMap((definitions) => [
    ...named(word, `${definitions}.name`),
    ...named(sentence, `${definitions}.description`),
  ]),
  ...named(word, 'activity_type', 'activityType'),
  ...named(id, 'id', 'activity_id', 'activityId', 'workflowId', 'runId', 'seconds', 'nanos'),
]);

/** How to show the text of the field if it is known to hold nothing personal. */
export const plainField = (parent: string, name: string): Show | undefined =>
  PLAIN_FIELDS.get(`${parent}.${name}`) ?? PLAIN_FIELDS.get(name);
