import progress from 'cli-progress';
import type { BatchCounts, BatchResult, BatchStanding, BatchStatus, OnboardingCounts } from '../../client/index.js';
import { FINDINGS, STEPS } from '../../domain/revalidation/counts.js';
import { moment, relative } from '../showing/moments.js';
import { plain } from '../showing/plain.js';
import { tableOf } from '../showing/tables.js';
import type { Terminal } from '../terminal.js';

type Style = Terminal['style'];

const number = new Intl.NumberFormat('en');
const many = (n: number): string => number.format(n);
const decimal = (n: number): string => String(Number(n.toFixed(n < 10 ? 1 : 0)));

const BAR = { barsize: 30, barCompleteString: '█'.repeat(30), barIncompleteString: '░'.repeat(30), barGlue: '' };

const share = (taken: number, of: number): number => (of === 0 ? 1 : Math.min(taken / of, 1));

/** `█████░░░ 43 %  4,300 of 10,000`, or how many there were where it is not known of how many. */
const takenText = ({ walked: { position, of } }: BatchStanding, withBar: boolean): string => {
  if (of === undefined) return `${many(position.taken)} registrations`;
  const part = share(position.taken, of);
  const percent = `${Math.floor(part * 100)} %`;
  const bar = withBar ? `${progress.Format.BarFormat(part, BAR)} ` : '';
  return `${bar}${percent}  ${many(position.taken)} of ${many(of)}`;
};

const speedText = ({ takenPerSecond, timeLeftMs, callsPerSecond }: BatchStanding, now: number): string => {
  const speed = takenPerSecond === undefined ? '' : `${decimal(takenPerSecond)} a second, `;
  const through = timeLeftMs === undefined ? '' : `, through ${relative(now + timeLeftMs, now)}`;
  return `${speed}at most ${decimal(callsPerSecond)} calls a second${through}`;
};

const MEANINGS: Readonly<Record<string, string>> = { ...FINDINGS, ...STEPS };

const resultsOf = ({ results }: Pick<BatchCounts, 'results'>): readonly (readonly [string, number])[] =>
  Object.keys(MEANINGS).flatMap((result) => {
    const count = Object.entries(results).find(([name]) => name === result)?.[1] ?? 0;
    return count === 0 ? [] : [[result, count] as const];
  });

const resultLines = (counts: Pick<BatchCounts, 'results'>): readonly string[] => {
  const results = resultsOf(counts);
  if (results.length === 0) return [];
  const rows = results.map(([result, count]) => [result, many(count), MEANINGS[result] ?? '']);
  return ['', ...tableOf(['result', 'many', 'meaning'], rows).split('\n')];
};

const onboardingsText = (onboardings: OnboardingCounts): string =>
  Object.entries(onboardings)
    .filter(([, count]) => count > 0)
    .map(([standing, count]) => `${many(count)} ${standing}`)
    .join(', ') || 'none';

const STATUS_STYLE = {
  walking: 'bold',
  paused: 'yellow',
  waiting: 'bold',
  ended: 'green',
  cancelled: 'red',
} as const satisfies Record<BatchStatus, Parameters<Style>[0]>;

const countLines = (counts: BatchCounts, budget?: number): readonly string[] => [
  ...resultLines(counts),
  ...(counts.badLines === 0 ? [] : ['', `${many(counts.badLines)} lines of the file could not be read`]),
  ...(counts.credits === 0
    ? []
    : ['', `credits       ${many(counts.credits)}${budget === undefined ? '' : ` of at most ${many(budget)}`}`]),
];

/** What failed or was stopped in Temporal stands as it was left. */
const isLeft = ({ execution }: BatchStanding): boolean => execution !== 'RUNNING' && execution !== 'COMPLETED';

const inWords = ({ execution }: BatchStanding): string => execution.toLowerCase().replace('_', ' ');

const statusText = (standing: BatchStanding, style: Style): string =>
  isLeft(standing)
    ? style('red', `${inWords(standing)} (${standing.status} before)`)
    : style(STATUS_STYLE[standing.status], standing.status);

/** Where a batch stands, as lines for people. */
export const batchLines = (standing: BatchStanding, style: Style, now: number): readonly string[] => {
  const { batch, request, status, startedAt, walked, onboardings, stopped, problem } = standing;
  const isUnderWay = !isLeft(standing) && (status === 'walking' || status === 'paused');
  return [
    `batch         ${style('bold', plain(batch))}: ${statusText(standing, style)}`,
    `mode          ${request.mode}${request.dryRun ? ' (dry run)' : ''}${request.checks ? `: ${request.checks.join(', ')}` : ''}`,
    `started       ${moment(startedAt, now)}`,
    `taken         ${takenText(standing, true)}`,
    ...(isUnderWay ? [`speed         ${speedText(standing, now)}`] : []),
    ...countLines(walked.counts, request.creditBudget),
    ...(onboardings === undefined ? [] : [`onboardings   ${onboardingsText(onboardings)}`]),
    ...(stopped === 'budget' ? ['stopped       the credit budget is spent'] : []),
    ...(problem === undefined ? [] : [`problem       ${plain(problem)}`]),
  ];
};

const resultsText = (counts: Pick<BatchCounts, 'results'>): string =>
  resultsOf(counts)
    .map(([result, count]) => `${count} ${result}`)
    .join(', ');

/** The same on one line, for logs. */
export const batchLine = (standing: BatchStanding, now: number): string => {
  const { status, walked, onboardings, problem } = standing;
  return [
    `${new Date(now).toISOString()} ${isLeft(standing) ? inWords(standing) : status}`,
    takenText(standing, false),
    ...(status === 'walking' && !isLeft(standing) ? [speedText(standing, now)] : []),
    ...(walked.counts.total === 0 ? [] : [resultsText(walked.counts)]),
    ...(onboardings === undefined ? [] : [`onboardings: ${onboardingsText(onboardings)}`]),
    ...(problem === undefined ? [] : [`problem: ${plain(problem)}`]),
  ].join('; ');
};

/** What a batch came to, on one line. */
export const resultLine = ({ batch, stopped, total, results, credits, onboardings, dryRun }: BatchResult): string =>
  [
    `${plain(batch)} ${stopped === 'cancelled' ? 'was cancelled' : 'has ended'}${stopped === 'budget' ? ' at its credit budget' : ''}`,
    `${many(total)} registrations${total === 0 ? '' : ` (${resultsText({ results })})`}`,
    ...(credits === 0 ? [] : [`${dryRun ? 'it would cost ' : ''}${many(credits)} credits`]),
    ...(onboardings === undefined ? [] : [`onboardings: ${onboardingsText(onboardings)}`]),
  ].join('; ');
