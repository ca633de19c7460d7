import type { BatchResult } from '../../../contract/revalidation.js';
import { FINDINGS, foundNothing, STEPS } from '../../../domain/revalidation/counts.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import { type BatchRequest, costOfOne } from '../../../domain/revalidation/request.js';
import type { EpochMs } from '../../../shared/time.js';
import {
  countOf,
  inDigits,
  inDuration,
  inTime,
  inWords,
  MODES,
  nothingFoundIn,
  ONBOARDINGS,
  share,
  stopText,
  UNFINISHED,
  type Unfinished,
} from './format.js';
import { type Highlights, needsAttention, type Truncated } from './highlights.js';

/** The result so far of a batch that has not ended, or was stopped in Temporal before its end. */
export interface UnfinishedResult extends Omit<BatchResult, 'endedAt'> {
  readonly unfinished: Unfinished;
  readonly asOf: EpochMs;
}

export interface ReportInput {
  readonly request: BatchRequest;
  readonly result: BatchResult | UnfinishedResult;
  readonly highlights: Highlights;
}

export interface Bar {
  readonly label: string;
  readonly count: number;
  readonly attention: boolean;
}

/** A table. Numbers are aligned to the right. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly words?: string;
  readonly bars?: readonly Bar[];
  readonly table?: Table;
  /** Omitted from the Markdown summary. */
  readonly long?: true;
}

/** The content of a report, independent of its format. */
export interface Contents {
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly sections: readonly Section[];
}

const credits = ({ creditBudget }: BatchRequest, { credits: spent, dryRun }: ReportInput['result']): string => {
  const budget = creditBudget === undefined ? '' : `, of a budget of ${inDigits(creditBudget)}`;
  return `${dryRun ? 'it would cost' : 'up to'} ${inDigits(spent)}${budget}`;
};

const times = (result: ReportInput['result']): Contents['facts'] =>
  'unfinished' in result
    ? [
        ['Started', inTime(result.startedAt)],
        ['Ended', `not yet: ${UNFINISHED[result.unfinished]}`],
        ['As of', inTime(result.asOf)],
      ]
    : [
        ['Started', inTime(result.startedAt)],
        ['Ended', inTime(result.endedAt)],
        ['Duration', inDuration(result.endedAt - result.startedAt)],
      ];

const factsOf = ({ request, result }: ReportInput): Contents['facts'] => {
  const { mode, checks = [], callsPerSecond, deadlineMs, tariff } = request;
  return [
    ['Mode', MODES[mode]],
    ['Source', inWords(request.source)],
    ['Requested rate', `${countOf(callsPerSecond, 'call')} a second`],
    ...(mode === 'audit'
      ? request.assume === undefined
        ? []
        : ([['If no onboarding is known', `compared with ${request.assume}`]] as const)
      : ([
          ['Checks', checks.map((check) => `${check} (${countOf(tariff[check], 'credit')})`).join(', ')],
          ['Link', request.invite ? 'Verifik sends one to each applicant' : 'not sent'],
          ['Time for each applicant', inDuration(deadlineMs)],
          ['Credits for each applicant', inDigits(costOfOne(request))],
          ['Credits', credits(request, result)],
        ] as const)),
    ['Dry run', result.dryRun ? 'yes: no onboarding was started' : 'no'],
    ...times(result),
    ['Stopped early', stopText(result)],
    ['Registrations', inDigits(result.total)],
    ...(result.unprocessed === undefined ? [] : ([['Not reached', inDigits(result.unprocessed)]] as const)),
    ['Lines skipped', inDigits(result.badLines)],
  ];
};

const resultsOf = ({ result }: ReportInput): Section => {
  const counts = new Map<string, number>(Object.entries(result.results));
  const expected = result.mode === 'audit' ? FINDINGS : STEPS;
  const isShown = (label: string) => counts.has(label) || (label in expected && label !== 'dryRun');
  const meanings = Object.entries({ ...expected, ...FINDINGS, ...STEPS }).filter(([label]) => isShown(label));
  return {
    id: 'results',
    title: 'Results',
    bars: meanings.map(([label]) => ({ label, count: counts.get(label) ?? 0, attention: needsAttention(label) })),
    table: {
      columns: ['Result', 'Registrations', 'Share', 'Meaning'],
      rows: meanings.map(([label, meaning]) => {
        const count = counts.get(label) ?? 0;
        return [label, count, share(count, result.total), meaning];
      }),
    },
  };
};

const onboardingsOf = ({ result: { onboardings, dryRun } }: ReportInput): readonly Section[] => {
  if (onboardings === undefined || dryRun) return [];
  const counts = new Map<string, number>(Object.entries(onboardings));
  const rows = Object.entries(ONBOARDINGS).map(
    ([status, meaning]) => [status, counts.get(status) ?? 0, meaning] as const,
  );
  return [
    {
      id: 'onboardings',
      title: 'Outcomes of the onboardings',
      bars: rows.map(([label, count]) => ({ label, count, attention: label === 'failed' || label === 'rejected' })),
      table: { columns: ['Outcome', 'Onboardings', 'Meaning'], rows },
    },
  ];
};

const driftOf = ({ result: { mode }, highlights: { drift } }: ReportInput): readonly Section[] =>
  mode !== 'audit'
    ? []
    : [
        {
          id: 'drift',
          title: 'Drift',
          ...(drift.length === 0
            ? { words: 'None.' }
            : {
                table: {
                  columns: ['Known status', 'Status at Verifik', 'Registrations'],
                  rows: drift.map(({ known, status, count }) => [known, status, count]),
                },
              }),
        },
      ];

const moreText = ({ first, more }: Truncated<unknown>, where: string): Pick<Section, 'words'> =>
  more === 0 ? {} : { words: `The first ${inDigits(first.length)}, and ${inDigits(more)} more${where}.` };

/** Returns a section with a table of the first items, or none if there are no items. */
const truncatedTable = <A>(
  section: Pick<Section, 'id' | 'title' | 'long'>,
  items: Truncated<A>,
  where: string,
  columns: readonly string[],
  row: (item: A) => readonly string[],
): readonly Section[] =>
  items.first.length === 0
    ? []
    : [{ ...section, ...moreText(items, where), table: { columns, rows: items.first.map(row) } }];

const detail = ({ unknownWord, problem }: ReportLine): string => unknownWord ?? problem ?? '';

const leadOf = ({ request, result, highlights: { attention } }: ReportInput): string => {
  const isUnfinished = 'unfinished' in result;
  if (!isUnfinished && foundNothing(result)) return `Warning: ${nothingFoundIn(request.source)}`;
  const count = countOf(attention.first.length + attention.more, 'needs', 'need');
  return `${isUnfinished ? 'So far, ' : ''}${countOf(result.total, 'registration')}; ${count} attention.`;
};

/** Describes a batch: its request, its results, and the registrations that need attention. */
export const contentsOf = (input: ReportInput): Contents => {
  const { result, highlights } = input;
  return {
    title: `Batch ${result.batch}${'unfinished' in result ? ' (unfinished)' : ''}`,
    lead: leadOf(input),
    facts: factsOf(input),
    sections: [
      resultsOf(input),
      ...driftOf(input),
      ...onboardingsOf(input),
      ...truncatedTable(
        { id: 'attention', title: 'Registrations that need attention', long: true },
        highlights.attention,
        ' in report.csv',
        ['Place', 'Registration', 'Result', 'Known status', 'Status at Verifik', 'Detail'],
        (line) => [
          String(line.ordinal),
          line.appRegistrationId,
          line.result,
          line.known ?? '',
          line.status ?? '',
          detail(line),
        ],
      ),
      ...truncatedTable(
        { id: 'not-verified', title: 'Onboardings that did not end verified', long: true },
        highlights.notVerified,
        ' in outcomes.ndjson',
        ['Workflow', 'Registration', 'Outcome'],
        ({ workflowId, appRegistrationId = '', status }) => [workflowId, appRegistrationId, status],
      ),
      ...truncatedTable(
        { id: 'bad-lines', title: 'Skipped lines of the file' },
        highlights.badLines,
        '',
        ['Line', 'Expected'],
        ({ line, expected }) => [String(line), expected],
      ),
    ],
  };
};
