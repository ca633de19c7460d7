import type { BatchProgress, BatchStatus } from '../../contract/revalidation.js';
import { timeLeftMs } from '../../domain/revalidation/progress.js';
import { moment } from '../shared/format-utc.js';

const STANDS: Readonly<Record<BatchStatus, string>> = {
  walking: 'Walking through its source.',
  paused: 'Paused, until it is resumed.',
  waiting: 'The source is done. Onboardings that were begun are running.',
  ended: 'Ended.',
  cancelled: 'Cancelled.',
};

/** Where the batch stands, as the Markdown that the Temporal UI shows for a workflow. As of the last leg. */
export const batchDetails = (progress: BatchProgress, now: number): string => {
  const { status, stopped, walked, callsPerSecond, pace } = progress;
  const { counts, position, of } = walked;
  const left = pace === undefined ? undefined : timeLeftMs(walked, pace, now);
  const results = Object.entries(counts.results).map(([result, count]) => `| ${result} | ${count} |`);
  return [
    `**${STANDS[status]}**${stopped === 'budget' ? ' The credit budget ended the walk.' : ''}`,
    `Taken: ${position.taken}${of === undefined ? '' : ` of ${of}`}, at ${callsPerSecond} calls a second at most.${
      left === undefined ? '' : ` To be through ${moment(now + left)}.`
    }`,
    ...(results.length === 0 ? [] : [['| result | count |', '| --- | --- |', ...results].join('\n')]),
    ...(counts.badLines === 0 ? [] : [`Lines that could not be read: ${counts.badLines}.`]),
    ...(counts.credits === 0 ? [] : [`Credits: ${counts.credits}.`]),
  ].join('\n\n');
};
