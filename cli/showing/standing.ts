import { CHECK_NAMES } from '../../domain/checks.js';
import type { Stop, Stopped } from '../../domain/outcomes.js';
import type { Action, CheckPhase, CheckSnapshot, Snapshot } from '../../domain/snapshot.js';
import type { Terminal } from '../terminal.js';
import { moment, relative } from './moments.js';
import { plain } from './plain.js';
import { tableOf } from './tables.js';

type Style = Terminal['style'];

const inStyle = (style: Style, phase: CheckPhase): string => {
  switch (phase) {
    case 'passed':
      return style('green', phase);
    case 'failed':
      return style('red', phase);
    case 'inReview':
    case 'reported':
      return style('yellow', phase);
    case 'pending':
      return phase;
    case 'notRequired':
      return style('dim', phase);
  }
};

const checkRow = (name: string, check: CheckSnapshot, style: Style, now: number): readonly string[] => [
  name,
  inStyle(style, check.status),
  check.since === undefined ? '' : relative(check.since, now),
  check.attempts === undefined ? '' : `${check.attempts.failed} of ${check.attempts.limit}`,
  plain(check.approvedBy ?? ''),
];

const registrationLine = ({ registration }: Snapshot, now: number): readonly string[] => {
  if (registration === undefined) return [];
  const { appRegistrationId, standing, tokenExpiresAt } = registration;
  const until = tokenExpiresAt === undefined ? '' : `, token until ${moment(tokenExpiresAt, now)}`;
  return [`registration  ${plain(appRegistrationId)}: ${standing}${until}`];
};

/** The commands that do what may be done next. */
const COMMAND_OF: Readonly<Record<Action, string>> = {
  registration: 'token',
  report: 'signal',
  reRegister: 're-register',
  decideReview: 'review',
  withdraw: 'withdraw',
  startAgain: 'start --again',
};

const STOP_WORDS: Readonly<Record<Stop, string>> = {
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
  timedOut: 'timed out',
};

const stopLines = ({ how, at, failure }: Stopped, now: number): readonly string[] => [
  `${STOP_WORDS[how].padEnd(12)}  without an outcome${failure === undefined ? '' : `: ${plain(failure)}`}`,
  `ended         ${moment(at, now)}`,
];

const endLines = ({ decision, stopped, awaiting, nextActions, deadline }: Snapshot, now: number): readonly string[] => {
  if (decision !== undefined)
    return [`outcome       ${decision.outcome} (${decision.reason}): ${plain(decision.sentence)}`];
  if (stopped !== undefined) return stopLines(stopped, now);
  return [
    `awaiting      ${awaiting.from}: ${plain(awaiting.what)}`,
    `deadline      ${moment(deadline, now)}`,
    `may be done   ${nextActions.map(({ action }) => COMMAND_OF[action]).join(', ')}`,
  ];
};

const phaseText = ({ hold, phase, stopped }: Snapshot): string => {
  if (stopped !== undefined) return STOP_WORDS[stopped.how];
  return hold === 'review' ? 'in review' : phase;
};

/** Where an onboarding stands, as lines for people. */
export const standingLines = (workflowId: string, snapshot: Snapshot, style: Style, now: number): readonly string[] => [
  `onboarding    ${style('bold', plain(workflowId))}: ${phaseText(snapshot)}`,
  `started       ${moment(snapshot.startedAt, now)}`,
  ...registrationLine(snapshot, now),
  '',
  ...tableOf(
    ['check', 'status', 'since', 'failed attempts', 'approved by'],
    CHECK_NAMES.map((name) => checkRow(name, snapshot.checks[name], style, now)),
  ).split('\n'),
  '',
  ...endLines(snapshot, now),
  ...snapshot.recentProblems.map((problem) => `problem       ${plain(problem)}`),
];
