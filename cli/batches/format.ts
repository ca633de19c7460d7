import cliProgress from 'cli-progress';
import { nothingFoundIn } from '../../activities/revalidation/report/format.js';
import type { BatchCounts, BatchResult, BatchStatus, LiveBatchProgress, OnboardingCounts } from '../../client/index.js';
import { FINDINGS, foundNothing, STEPS } from '../../domain/revalidation/counts.js';
import { formatTime, plain, relative, tableOf } from '../format/text.js';
import type { Terminal } from '../terminal.js';

type Style = Terminal['style'];

const NUMBER = new Intl.NumberFormat('en');
const inDigits = (n: number): string => NUMBER.format(n);
const decimal = (n: number): string => String(Number(n.toFixed(n < 10 ? 1 : 0)));

const BAR = { barsize: 30, barCompleteString: '█'.repeat(30), barIncompleteString: '░'.repeat(30), barGlue: '' };

const share = (taken: number, of: number): number => (of === 0 ? 1 : Math.min(taken / of, 1));

/** Returns `█████░░░ 43 %  4,300 of 10,000`, or only the number of registrations if the total is unknown. */
const positionText = ({ scan: { position, of } }: LiveBatchProgress, withBar: boolean): string => {
  if (of === undefined) return `${inDigits(position.taken)} registrations`;
  const part = share(position.taken, of);
  const percent = `${Math.floor(part * 100)} %`;
  const bar = withBar ? `${cliProgress.Format.BarFormat(part, BAR)} ` : '';
  return `${bar}${percent}  ${inDigits(position.taken)} of ${inDigits(of)}`;
};

/** Formats a rate: `1 call a second`, `2.5 calls a second`. */
export const rateText = (callsPerSecond: number): string =>
  `${callsPerSecond} ${callsPerSecond === 1 ? 'call' : 'calls'} a second`;

const speedText = ({ takenPerSecond, timeLeftMs, callsPerSecond }: LiveBatchProgress, now: number): string => {
  const speed = takenPerSecond === undefined ? '' : `${decimal(takenPerSecond)} a second, `;
  const end = timeLeftMs === undefined ? '' : `, done ${relative(now + timeLeftMs, now)}`;
  return `${speed}at most ${rateText(callsPerSecond)}${end}`;
};

const MEANINGS: Readonly<Record<string, string>> = { ...FINDINGS, ...STEPS };

const resultsOf = (counts: Pick<BatchCounts, 'results'>): readonly (readonly [string, number])[] => {
  const results: Readonly<Record<string, number>> = counts.results;
  return Object.keys(MEANINGS).flatMap((name) => (results[name] ? [[name, results[name]] as const] : []));
};

const resultLines = (counts: Pick<BatchCounts, 'results'>): readonly string[] => {
  const results = resultsOf(counts);
  if (results.length === 0) return [];
  const rows = results.map(([result, count]) => [result, inDigits(count), MEANINGS[result] ?? '']);
  return ['', ...tableOf(['result', 'count', 'meaning'], rows).split('\n')];
};

const onboardingsText = (onboardings: OnboardingCounts): string =>
  Object.entries(onboardings)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${inDigits(count)} ${status}`)
    .join(', ') || 'none';

const STATUS_STYLE = {
  scanning: 'bold',
  paused: 'yellow',
  waiting: 'bold',
  ended: 'green',
  cancelled: 'red',
} as const satisfies Record<BatchStatus, Parameters<Style>[0]>;

const countLines = (counts: BatchCounts, budget?: number): readonly string[] => {
  const { badLines, credits } = counts;
  const limit = budget === undefined ? '' : ` of at most ${inDigits(budget)}`;
  return [
    ...resultLines(counts),
    ...(badLines === 0 ? [] : ['', `${inDigits(badLines)} lines of the file are invalid and were skipped`]),
    ...(credits === 0 ? [] : ['', `credits       ${inDigits(credits)}${limit}`]),
  ];
};

/** True if the workflow failed, or was stopped in Temporal. The batch's own status is then the last one before. */
const isAborted = ({ execution }: LiveBatchProgress): boolean => execution !== 'RUNNING' && execution !== 'COMPLETED';

const executionText = ({ execution }: LiveBatchProgress): string => execution.toLowerCase().replace('_', ' ');

const statusText = (progress: LiveBatchProgress, style: Style): string =>
  isAborted(progress)
    ? style('red', `${executionText(progress)} (${progress.status} before)`)
    : style(STATUS_STYLE[progress.status], progress.status);

/** Returns a warning if the batch has ended and found nothing. */
export const warningOf = ({ status, request, scan: { counts }, ...rest }: LiveBatchProgress): string | undefined =>
  status === 'ended' && foundNothing({ ...rest, ...counts }) ? nothingFoundIn(request.source) : undefined;

/** Formats the progress of a batch as lines. */
export const batchLines = (progress: LiveBatchProgress, style: Style, now: number): readonly string[] => {
  const { batch, request, status, startedAt, scan, onboardings, budgetSpent, problem } = progress;
  const warning = warningOf(progress);
  const isScanning = !isAborted(progress) && (status === 'scanning' || status === 'paused');
  return [
    `batch         ${style('bold', plain(batch))}: ${statusText(progress, style)}`,
    `mode          ${request.mode}${request.dryRun ? ' (dry run)' : ''}${request.checks ? `: ${request.checks.join(', ')}` : ''}`,
    `started       ${formatTime(startedAt, now)}`,
    `processed     ${positionText(progress, true)}`,
    ...(isScanning ? [`speed         ${speedText(progress, now)}`] : []),
    ...countLines(scan.counts, request.creditBudget),
    ...(onboardings === undefined ? [] : [`onboardings   ${onboardingsText(onboardings)}`]),
    ...(budgetSpent ? ['stopped       the credit budget is spent'] : []),
    ...(problem === undefined ? [] : [`problem       ${plain(problem)}`]),
    ...(warning === undefined ? [] : [style('yellow', `warning       ${plain(warning)}`)]),
  ];
};

const resultsText = (counts: Pick<BatchCounts, 'results'>): string =>
  resultsOf(counts)
    .map(([result, count]) => `${count} ${result}`)
    .join(', ');

const skippedText = ({ badLines }: Pick<BatchCounts, 'badLines'>): readonly string[] =>
  badLines === 0 ? [] : [`${inDigits(badLines)} ${badLines === 1 ? 'line' : 'lines'} skipped`];

/** Formats the progress of a batch as one line, for logs. */
export const batchLine = (progress: LiveBatchProgress, now: number): string => {
  const { status, scan, onboardings, problem } = progress;
  return [
    `${new Date(now).toISOString()} ${isAborted(progress) ? executionText(progress) : status}`,
    positionText(progress, false),
    ...(status === 'scanning' && !isAborted(progress) ? [speedText(progress, now)] : []),
    ...(scan.counts.total === 0 ? [] : [resultsText(scan.counts)]),
    ...skippedText(scan.counts),
    ...(onboardings === undefined ? [] : [`onboardings: ${onboardingsText(onboardings)}`]),
    ...(problem === undefined ? [] : [`problem: ${plain(problem)}`]),
  ].join('; ');
};

/** Formats the result of a batch as one line. */
export const resultLine = (result: BatchResult): string => {
  const { batch, stopped, budgetSpent, unprocessed, total, results, badLines, credits, onboardings, dryRun } = result;
  const atBudget = stopped === 'budget' ? ' at its credit budget' : ', with its credit budget spent';
  return [
    `${plain(batch)} ${stopped === 'cancelled' ? 'was cancelled' : 'has ended'}${budgetSpent ? atBudget : ''}`,
    `${inDigits(total)} registrations${total === 0 ? '' : ` (${resultsText({ results })})`}`,
    ...(unprocessed ? [`${inDigits(unprocessed)} not reached`] : []),
    ...skippedText({ badLines }),
    ...(credits === 0 ? [] : [`${dryRun ? 'it would cost ' : ''}${inDigits(credits)} credits`]),
    ...(onboardings === undefined ? [] : [`onboardings: ${onboardingsText(onboardings)}`]),
  ].join('; ');
};
