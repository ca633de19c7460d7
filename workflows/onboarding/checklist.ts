import { setCurrentDetails } from '@temporalio/workflow';
import { CHECK_NAMES } from '../../domain/checks.js';
import type { Action, CheckPhase, Snapshot } from '../../domain/snapshot.js';
import { code } from '../../shared/markdown.js';
import { formatUtc } from '../shared/format-utc.js';

const MARKS: Record<CheckPhase, string> = {
  notRequired: '➖ not required',
  pending: '⬜ pending',
  reported: '🔎 reported, not yet confirmed',
  passed: '✅ passed',
  failed: '❌ last attempt failed',
  inReview: '👤 in review',
};

/** Says when the onboarding ends if nobody acts. */
const timeLimit = ({ review, deadline }: Snapshot): string => {
  if (review === undefined) return `The onboarding ends as expired if it is not through by ${formatUtc(deadline)}.`;
  const { dueAt, claim } = review;
  const claimed =
    claim === undefined
      ? 'Nobody has claimed the review.'
      : `${code(claim.reviewer)} has claimed the review until ${formatUtc(claim.until)}.`;
  return `The review is due by ${formatUtc(dueAt)}, and pauses the applicant's deadline. ${claimed}`;
};

const headline = (snapshot: Snapshot): readonly string[] => {
  const { awaiting, decision } = snapshot;
  return decision === undefined
    ? [`**${awaiting.what}**`, `Awaited from the ${awaiting.from}. ${timeLimit(snapshot)}`]
    : [
        `**${decision.outcome}** (${decision.reason}): ${decision.sentence}`,
        `Decided ${formatUtc(decision.decidedAt)}.`,
      ];
};

const checkLines = ({ checks }: Snapshot): readonly string[] =>
  CHECK_NAMES.map((name) => {
    const { status, since, attempts, approvedBy, reason, requestedAgain } = checks[name];
    const failed = attempts && attempts.failed > 0 ? `, ${attempts.failed} of ${attempts.limit} attempts failed` : '';
    const approved = approvedBy === undefined ? '' : `, approved by ${code(approvedBy)}`;
    // Without the reviewer's words, which the role masked of the codec server must not see.
    const again = requestedAgain === undefined ? '' : ', requested again by a reviewer';
    const why = reason === undefined || status === 'passed' ? '' : `. ${reason.sentence}`;
    return `- **${name}**: ${MARKS[status]}${since === undefined ? '' : ` since ${formatUtc(since)}`}${failed}${approved}${again}${why}`;
  });

// Sentences: two lists in a row would be shown as one.
const registrationSentences = ({ registration, generation, remindersSent }: Snapshot): readonly string[] => {
  if (registration === undefined) return ['There is no app registration yet.'];
  const { appRegistrationId, status, unknownWord, tokenLive, tokenExpiresAt, readAt } = registration;
  const word = unknownWord === undefined ? status : `${status}: ${code(unknownWord)}`;
  const token =
    tokenLive && tokenExpiresAt !== undefined ? `live until ${formatUtc(tokenExpiresAt)}` : 'none that is live';
  return [
    `App registration ${code(appRegistrationId)} (${word}), generation ${generation}; token: ${token}.`,
    `Last read at Verifik: ${readAt === undefined ? 'never' : formatUtc(readAt)}. Reminders sent: ${remindersSent}.`,
  ];
};

const reportLines = ({ reports, recentProblems }: Snapshot): readonly string[] => {
  const odd = reports.undecodable + reports.foreign + reports.stale + reports.unknownWords;
  return [
    ...(odd === 0 ? [] : [`- Reports set aside: ${odd}.`]),
    ...recentProblems.map((problem) => `- Lately: ${code(problem)}`),
  ];
};

/** The messages of Temporal that take the actions. */
const MESSAGES: Readonly<Record<Action, string>> = {
  registration: 'update `registration`',
  report: 'signal `emailValidation`, `phoneValidation`, …',
  reRegister: 'update `reRegister`',
  claimReview: 'update `claimReview`',
  releaseReview: 'update `releaseReview`',
  decideReview: 'update `decideReview`',
  requestAgain: 'update `requestAgain`',
  withdraw: 'signal `withdraw`',
  restart: 'another workflow',
};

const nextAction = ({ action, sentence }: Snapshot['nextActions'][number]): string =>
  `- ${sentence.replace(/\.$/, '')} (${MESSAGES[action]}).`;

/** The snapshot as the Markdown that the Temporal UI shows for a workflow. */
export const checklist = (snapshot: Snapshot): string =>
  [
    headline(snapshot).join('\n\n'),
    checkLines(snapshot).join('\n'),
    registrationSentences(snapshot).join(' '),
    reportLines(snapshot).join('\n'),
    ['Next actions:', '', ...snapshot.nextActions.map(nextAction)].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

/**
 * Shows the snapshot to people who open the workflow in the Temporal UI. It costs no history: the worker answers a
 * query with it.
 */
export const showDetails = (shown: Snapshot): void => setCurrentDetails(checklist(shown));
