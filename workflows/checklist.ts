import { CHECK_NAMES } from '../domain/checks.js';
import type { CheckPhase, Snapshot } from '../domain/snapshot.js';

const MARKS: Record<CheckPhase, string> = {
  notRequired: '➖ not required',
  pending: '⬜ pending',
  reported: '🔎 reported, not yet confirmed',
  passed: '✅ passed',
  failed: '❌ last attempt failed',
  inReview: '👤 in review',
};

const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

const checkLines = ({ checks }: Snapshot): readonly string[] =>
  CHECK_NAMES.map((name) => {
    const { status, since, attempts } = checks[name];
    const failed = attempts && attempts.failed > 0 ? `, ${attempts.failed} of ${attempts.limit} attempts failed` : '';
    return `- **${name}**: ${MARKS[status]}${since === undefined ? '' : ` since ${moment(since)}`}${failed}`;
  });

/** The snapshot as the short Markdown that the Temporal UI shows for a workflow. Times are UTC. */
export const checklist = (snapshot: Snapshot): string => {
  const { awaiting, decision, registration, generation, nextActions, reports, recentProblems } = snapshot;
  const odd = reports.junk + reports.foreign + reports.stale + reports.unknownWords;
  return [
    decision === undefined
      ? `**${awaiting.what}**`
      : `**${decision.outcome}** (${decision.reason}): ${decision.sentence}`,
    ...(awaiting.until === undefined ? [] : [`Awaited from the ${awaiting.from}, until ${moment(awaiting.until)}.`]),
    '',
    ...checkLines(snapshot),
    '',
    ...(registration === undefined
      ? []
      : [`Registration ${registration.appRegistrationId} (${registration.standing}), generation ${generation}.`]),
    ...(odd === 0 ? [] : [`Reports set aside: ${odd}. ${recentProblems.join('; ')}`]),
    '',
    ...nextActions.map(({ sentence }) => `- ${sentence}`),
  ].join('\n');
};
