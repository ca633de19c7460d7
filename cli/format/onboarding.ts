import type { OnboardingEvent, StartedOnboarding } from '../../client/index.js';
import { CHECK_REASONS } from '../../domain/check-reasons.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { type Decision, STOPS, type Stop, type Stopped } from '../../domain/outcomes.js';
import type { NamedPolicy } from '../../domain/policy/policy.js';
import type { Action, CheckPhase, CheckSnapshot, Snapshot } from '../../domain/snapshot.js';
import type { Terminal } from '../terminal.js';
import { formatTime, localIso, plain, relative, tableOf } from './text.js';

type Style = Terminal['style'];

/** Shows a registration without its token and link, which are secrets of the applicant. */
export const showRegistration = ({ json, line, note }: Terminal, shown: StartedOnboarding, asJson: boolean): void => {
  const { workflowId, appRegistrationId, expiresAt, generation } = shown;
  if (asJson) json({ workflowId, appRegistrationId, expiresAt, generation });
  else {
    line(`onboarding    ${plain(workflowId)}`);
    line(`registration  ${plain(appRegistrationId)}`);
    line(`token         not shown, valid until ${formatTime(expiresAt, Date.now())}`);
    note(`To show the token for the applicant's device: verifik-onboarding token ${plain(workflowId)}`);
  }
};

const listOf = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

const DECIDED = { approve: 'approved', reject: 'rejected', again: 'requested again' } as const;

const reviewText = ({
  decision,
  reviewer,
  checks,
  overruled,
}: Extract<OnboardingEvent, { type: 'onboarding.review.decided' }>): string => {
  const what = checks.length === 0 ? 'the registration' : listOf(checks);
  const by = overruled === undefined ? reviewer : `${reviewer}, although ${overruled} had claimed the review`;
  return `${what} ${DECIDED[decision]} by ${by}`;
};

const eventText = (event: OnboardingEvent): string => {
  switch (event.type) {
    case 'onboarding.registered':
      return `registered as ${event.appRegistrationId}; to do: ${listOf(event.pending)}`;
    case 'onboarding.check.passed':
      return `${event.check} passed${event.approvedBy === undefined ? '' : `, approved by ${event.approvedBy}`}`;
    case 'onboarding.check.failed':
      return `${event.check} failed, ${event.attempts.failed} of ${event.attempts.limit} attempts`;
    case 'onboarding.contact.changed':
      return `the applicant changed the contact at Verifik: ${listOf(event.channels)}`;
    case 'onboarding.review.needed': {
      const why = event.reasons.map((reason) => ` ${CHECK_REASONS[reason]}`).join('');
      return `a reviewer has to decide: ${event.checks.length === 0 ? 'the registration' : listOf(event.checks)}.${why}`;
    }
    case 'onboarding.review.due':
      return `the review is due by ${localIso(event.dueAt)}: ${event.checks.length === 0 ? 'the registration' : listOf(event.checks)}`;
    case 'onboarding.review.decided':
      return reviewText(event);
    case 'onboarding.reminder.sent':
      return `Verifik sent the applicant a reminder (${event.remindersSent})`;
    case 'onboarding.reminder.due':
      return `Verifik did not send a reminder that was due (${event.remindersDue})`;
    case 'onboarding.ended':
      return `${event.decision.outcome}: ${event.decision.sentence}`;
    case 'onboarding.validity.ending':
      return `the outcome is valid only until ${localIso(event.validUntil)}`;
    case 'onboarding.validity.ended':
      return 'the validity of the outcome has ended';
    case 'onboarding.failed':
      return `failed without an outcome: ${event.failure}`;
  }
};

export const eventLine = (event: OnboardingEvent): string => `${localIso(event.at)}  ${plain(eventText(event))}`;

const PHASE_STYLE: Readonly<Partial<Record<CheckPhase, Parameters<Style>[0]>>> = {
  passed: 'green',
  failed: 'red',
  inReview: 'yellow',
  reported: 'yellow',
  notRequired: 'dim',
};

const styled = (style: Style, phase: CheckPhase): string => {
  const colour = PHASE_STYLE[phase];
  return colour === undefined ? phase : style(colour, phase);
};

const checkRow = (name: string, check: CheckSnapshot, style: Style, now: number): readonly string[] => [
  name,
  styled(style, check.status),
  check.since === undefined ? '' : relative(check.since, now),
  check.attempts === undefined ? '' : `${check.attempts.failed} of ${check.attempts.limit}`,
  plain(check.approvedBy ?? ''),
];

const registrationLine = ({ registration }: Snapshot, now: number): readonly string[] => {
  if (registration === undefined) return [];
  const { appRegistrationId, status, tokenExpiresAt } = registration;
  const until = tokenExpiresAt === undefined ? '' : `, token until ${formatTime(tokenExpiresAt, now)}`;
  return [`registration  ${plain(appRegistrationId)}: ${status}${until}`];
};

const COMMAND_OF: Readonly<Record<Action, string>> = {
  registration: 'token',
  report: 'signal',
  reRegister: 're-register',
  claimReview: 'review claim',
  releaseReview: 'review release',
  decideReview: 'review approve, review reject',
  requestAgain: 'review again',
  withdraw: 'withdraw',
  restart: 'start --restart',
};

const stopWord = (how: Stop): string => (how === 'timedOut' ? 'timed out' : how);

const stopLines = ({ how, at, failure, sentence }: Stopped, now: number): readonly string[] => [
  `${stopWord(how).padEnd(12)}  without an outcome${failure === undefined ? '' : `: ${plain(failure)}`}`,
  ...(sentence === STOPS[how] ? [] : [`why           ${plain(sentence)}`]),
  `ended         ${formatTime(at, now)}`,
];

/** The lines about an open review and about checks that the applicant has to repeat. */
const reviewLines = ({ review, checks }: Snapshot, now: number): readonly string[] => {
  const repeated = CHECK_NAMES.flatMap((name) => {
    const { requestedAgain } = checks[name];
    return requestedAgain === undefined ? [] : [`to repeat     ${name}: ${plain(requestedAgain)}`];
  });
  if (review === undefined) return repeated;
  const { version, dueAt, reasons, claim } = review;
  const what = review.checks.length === 0 ? 'the registration as a whole' : listOf(review.checks);
  const why = reasons.length === 0 ? '' : ` (${listOf(reasons)})`;
  return [
    `review        ${what}${why}, version ${version}`,
    `review due    ${formatTime(dueAt, now)}`,
    ...(claim === undefined ? [] : [`claimed by    ${plain(claim.reviewer)} until ${formatTime(claim.until, now)}`]),
    ...repeated,
  ];
};

/** The line about the policy of the workers' file that is in force, which can be a canary. */
export const policyLines = ({ policyName, policyRevision }: Partial<NamedPolicy> = {}): readonly string[] =>
  policyName === undefined ? [] : [`policy        ${plain(policyName)}, version ${plain(policyRevision ?? 'unknown')}`];

export const validityLines = ({ validUntil }: Pick<Decision, 'validUntil'>, now: number): readonly string[] =>
  validUntil === undefined ? [] : [`valid until   ${formatTime(validUntil, now)}`];

const endLines = (snapshot: Snapshot, now: number): readonly string[] => {
  const { decision, stopped, awaiting, nextActions, deadline, hold } = snapshot;
  if (decision !== undefined)
    return [
      `outcome       ${decision.outcome} (${decision.reason}): ${plain(decision.sentence)}`,
      ...validityLines(decision, now),
    ];
  if (stopped !== undefined) return stopLines(stopped, now);
  return [
    `awaiting      ${awaiting.from}: ${plain(awaiting.what)}`,
    ...reviewLines(snapshot, now),
    `deadline      ${formatTime(deadline, now)}${hold === 'review' ? ', paused by the review' : ''}`,
    `next actions  ${nextActions.map(({ action }) => COMMAND_OF[action]).join(', ')}`,
  ];
};

const phaseText = ({ hold, phase, stopped }: Snapshot): string => {
  if (stopped !== undefined) return stopWord(stopped.how);
  return hold === 'review' ? 'in review' : phase;
};

export const snapshotLines = (workflowId: string, snapshot: Snapshot, style: Style, now: number): readonly string[] => [
  `onboarding    ${style('bold', plain(workflowId))}: ${phaseText(snapshot)}`,
  `started       ${formatTime(snapshot.startedAt, now)}`,
  ...registrationLine(snapshot, now),
  ...policyLines(snapshot.namedPolicy),
  '',
  ...tableOf(
    ['check', 'status', 'since', 'failed attempts', 'approved by'],
    CHECK_NAMES.map((name) => checkRow(name, snapshot.checks[name], style, now)),
  ).split('\n'),
  '',
  ...endLines(snapshot, now),
  ...snapshot.recentProblems.map((problem) => `problem       ${plain(problem)}`),
];
