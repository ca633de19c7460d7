import type { BatchResult } from '../../../contract/revalidation.js';
import { costOfOne } from '../../../domain/revalidation/cost.js';
import { FINDINGS, STEPS } from '../../../domain/revalidation/counts.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { BatchRequest } from '../../../domain/revalidation/request.js';
import type { EpochMs } from '../../../shared/time.js';
import { type First, needsAttention, type Seen } from './seen.js';
import {
  countOf,
  inDigits,
  inDuration,
  inMoment,
  inWords,
  MODES,
  ONBOARDINGS,
  STOPS,
  share,
  UNFINISHED,
  type Unfinished,
} from './words.js';

/** What a batch has come to so far that has not ended, or that was stopped in Temporal before its end. */
export interface UnfinishedResult extends Omit<BatchResult, 'endedAt'> {
  readonly unfinished: Unfinished;
  readonly asOf: EpochMs;
}

/** What a report is made from. */
export interface ReportInput {
  readonly request: BatchRequest;
  readonly result: BatchResult | UnfinishedResult;
  readonly seen: Seen;
}

/** A bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly count: number;
  readonly attention: boolean;
}

/** A table: numbers stand on the right. */
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
  /** Too long for a summary. */
  readonly long?: true;
}

/** What a report says, whatever it is written in. */
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
        ['Began', inMoment(result.startedAt)],
        ['Ended', `not yet: ${UNFINISHED[result.unfinished]}`],
        ['As of', inMoment(result.asOf)],
      ]
    : [
        ['Began', inMoment(result.startedAt)],
        ['Ended', inMoment(result.endedAt)],
        ['Took', inDuration(result.endedAt - result.startedAt)],
      ];

const factsOf = ({ request, result }: ReportInput): Contents['facts'] => {
  const { mode, checks = [], callsPerSecond, deadlineMs, tariff } = request;
  return [
    ['Mode', MODES[mode]],
    ['Source', inWords(request.source)],
    ['Rate asked for', `${countOf(callsPerSecond, 'call')} a second`],
    ...(mode === 'audit'
      ? request.assume === undefined
        ? []
        : ([['Where nothing is known', `they are taken for ${request.assume}`]] as const)
      : ([
          ['Checks', checks.map((check) => `${check} (${countOf(tariff[check], 'credit')})`).join(', ')],
          ['Link', request.invite ? 'Verifik sends one to each applicant' : 'Verifik sends none'],
          ['Time for each applicant', inDuration(deadlineMs)],
          ['Credits for each applicant', inDigits(costOfOne(request))],
          ['Credits', credits(request, result)],
        ] as const)),
    ['Dry run', result.dryRun ? 'yes: nothing was begun' : 'no'],
    ...times(result),
    ['Stopped early', result.stopped === undefined ? 'no' : STOPS[result.stopped]],
    ['Registrations', inDigits(result.total)],
    ['Lines skipped', inDigits(result.badLines)],
  ];
};

const resultsOf = ({ result }: ReportInput): Section => {
  const counts = new Map<string, number>(Object.entries(result.results));
  const expected = result.mode === 'audit' ? FINDINGS : STEPS;
  const isShown = (label: string) => counts.has(label) || (label in expected && label !== 'counted');
  const meanings = Object.entries({ ...expected, ...FINDINGS, ...STEPS }).filter(([label]) => isShown(label));
  return {
    id: 'results',
    title: 'Results',
    bars: meanings.map(([label]) => ({ label, count: counts.get(label) ?? 0, attention: needsAttention(label) })),
    table: {
      columns: ['Result', 'Registrations', 'Share', 'What it means'],
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
      title: 'What became of the onboardings',
      bars: rows.map(([label, count]) => ({ label, count, attention: label === 'failed' || label === 'rejected' })),
      table: { columns: ['Outcome', 'Onboardings', 'What it means'], rows },
    },
  ];
};

const driftOf = ({ result: { mode }, seen: { drift } }: ReportInput): readonly Section[] =>
  mode !== 'audit'
    ? []
    : [
        {
          id: 'drift',
          title: 'What has drifted',
          ...(drift.length === 0
            ? { words: 'Nothing.' }
            : {
                table: {
                  columns: ['Known here as', 'Stands at Verifik as', 'Registrations'],
                  rows: drift.map(({ known, standing, count }) => [known, standing, count]),
                },
              }),
        },
      ];

const more = ({ first, more: rest }: First<unknown>, where: string): Pick<Section, 'words'> =>
  rest === 0 ? {} : { words: `The first ${inDigits(first.length)}, and ${inDigits(rest)} more${where}.` };

/** A table of the first of many; no section where there are none. */
const firsts = <A>(
  section: Pick<Section, 'id' | 'title' | 'long'>,
  items: First<A>,
  where: string,
  columns: readonly string[],
  row: (item: A) => readonly string[],
): readonly Section[] =>
  items.first.length === 0
    ? []
    : [{ ...section, ...more(items, where), table: { columns, rows: items.first.map(row) } }];

const detail = ({ unknownWord, problem }: ReportLine): string => unknownWord ?? problem ?? '';

/** Says what a batch was asked, what it came to, and what somebody has to look at. */
export const contentsOf = (input: ReportInput): Contents => {
  const { result, seen } = input;
  const attention = seen.attention.first.length + seen.attention.more;
  return {
    title: `Batch ${result.batch}${'unfinished' in result ? ' (unfinished)' : ''}`,
    lead: `${'unfinished' in result ? 'So far, ' : ''}${countOf(result.total, 'registration')}; ${countOf(attention, 'needs', 'need')} attention.`,
    facts: factsOf(input),
    sections: [
      resultsOf(input),
      ...driftOf(input),
      ...onboardingsOf(input),
      ...firsts(
        { id: 'attention', title: 'Registrations that need attention', long: true },
        seen.attention,
        ' in report.csv',
        ['Place', 'Registration', 'Result', 'Known here as', 'Stands at Verifik as', 'Detail'],
        (line) => [
          String(line.ordinal),
          line.appRegistrationId,
          line.result,
          line.known ?? '',
          line.standing ?? '',
          detail(line),
        ],
      ),
      ...firsts(
        { id: 'not-verified', title: 'Onboardings that did not end verified', long: true },
        seen.notVerified,
        ' in outcomes.ndjson',
        ['Workflow', 'Registration', 'Outcome'],
        ({ workflowId, appRegistrationId = '', status }) => [workflowId, appRegistrationId, status],
      ),
      ...firsts(
        { id: 'bad-lines', title: 'Lines of the file that were skipped' },
        seen.badLines,
        '',
        ['Line', 'What was expected there'],
        ({ line, expected }) => [String(line), expected],
      ),
    ],
  };
};
