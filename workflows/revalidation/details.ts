import type { BatchProgress, BatchStatus } from '../../contract/revalidation.js';
import { foundNothing } from '../../domain/revalidation/counts.js';
import { timeLeftMs } from '../../domain/revalidation/progress.js';
import { formatUtc } from '../shared/format-utc.js';

const STATUS_LABELS: Readonly<Record<BatchStatus, string>> = {
  scanning: 'Scanning its source.',
  paused: 'Paused, until it is resumed.',
  waiting: 'The source has been scanned. Onboardings of the batch are running.',
  ended: 'Ended.',
  cancelled: 'Cancelled.',
};

const NO_REPORT = 'The report is missing or incomplete.';
const RETRIES = 'The batch tries again every 30 s, until it is cancelled.';

/** Returns the Markdown that the Temporal UI shows for the workflow, as of the last chunk. */
export const batchDetails = (progress: BatchProgress, now: number): string => {
  const { status, stopped, budgetSpent, scan, callsPerSecond, pace, problem } = progress;
  const { counts, position, of } = scan;
  const left = pace === undefined ? undefined : timeLeftMs(scan, pace, now);
  const results = Object.entries(counts.results).map(([result, count]) => `| ${result} | ${count} |`);
  return [
    ...(status === 'ended' && foundNothing({ ...counts, stopped })
      ? ['**Warning:** No registration was found. Check the ids and filters of the source.']
      : []),
    `**${STATUS_LABELS[status]}**${budgetSpent ? ' The scan stopped at the credit budget.' : ''}`,
    ...(problem === undefined ? [] : [`**Problem:** ${problem} ${status === 'cancelled' ? NO_REPORT : RETRIES}`]),
    `Processed: ${position.taken}${of === undefined ? '' : ` of ${of}`}, at ${callsPerSecond} ${callsPerSecond === 1 ? 'call' : 'calls'} a second at most.${
      left === undefined ? '' : ` Expected end of the scan: ${formatUtc(now + left)}.`
    }`,
    ...(results.length === 0 ? [] : [['| result | count |', '| --- | --- |', ...results].join('\n')]),
    ...(counts.badLines === 0 ? [] : [`Lines that could not be read: ${counts.badLines}.`]),
    ...(counts.credits === 0 ? [] : [`Credits: ${counts.credits}.`]),
  ].join('\n\n');
};
