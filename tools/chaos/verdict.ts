import { table } from 'table';
import { INVARIANTS, type Invariant, type Violation } from './judging/invariants.js';
import type { Run } from './run.js';

export const hasPassed = ({ violations }: Run): boolean => violations.length === 0;

/** Returns the command that repeats a run. */
export const commandOf = ({
  seed,
  onboardings,
  server,
  atOnce,
  faultCount,
}: Pick<Run, 'seed' | 'onboardings' | 'server' | 'atOnce' | 'faultCount'>): string =>
  [
    `npm run chaos -- --seed ${seed} --onboardings ${onboardings} --server ${server} --at-once ${atOnce}`,
    ...(faultCount === undefined ? [] : [`--fault-count ${faultCount}`]),
  ].join(' ');

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

const isInvariant = (name: string): name is Invariant => Object.hasOwn(INVARIANTS, name);

const MAX_SHOWN_OF_EACH = 5;

/** Returns the first violations of each invariant, so that a frequent violation does not hide others. */
const firstOfEach = (violations: readonly Violation[]): readonly string[] =>
  Object.keys(INVARIANTS)
    .filter(isInvariant)
    .flatMap((invariant) => {
      const broken = violations.filter((violation) => violation.invariant === invariant);
      const more = broken.length - MAX_SHOWN_OF_EACH;
      return [
        ...broken.slice(0, MAX_SHOWN_OF_EACH).map(({ subject, what }) => `  ${invariant}: ${subject}: ${what}`),
        ...(more > 0 ? [`  ${invariant}: and ${more} more`] : []),
      ];
    });

/** Formats the result for people. */
export const verdictText = (run: Run): string => {
  const { violations, faults, outcomes, repeatedCalls, crashes, replayed, searched, seconds, folder } = run;
  const searchedBytes = searched.reduce((sum, { bytes }) => sum + bytes, 0);
  const rules = Object.keys(INVARIANTS)
    .filter(isInvariant)
    .map((invariant) => {
      const broken = violations.filter((violation) => violation.invariant === invariant).length;
      return [INVARIANTS[invariant], broken === 0 ? 'holds' : `violated ${broken} times`];
    });
  const facts = [
    `Outcomes: ${countsText(outcomes)}.`,
    `Faults: ${countsText(faults)}.`,
    `API calls that the service repeated: ${countsText(repeatedCalls)}.`,
    `Restarts of workers and gateways that crashed without a fault: ${crashes}.`,
    `ReplayResult: ${replayed} histories.`,
    `SearchResult for secrets and personal data: ${(searchedBytes / 1e6).toFixed(0)} MB.`,
    `Took ${seconds} s.`,
  ];
  const failed = [`Logs: ${folder}`, `Repeat with: ${commandOf(run)}`];
  return [
    table(rules, { columns: [{ width: 90, wrapWord: true }] }),
    ...facts,
    ...(hasPassed(run) ? ['PASSED'] : ['FAILED', ...firstOfEach(violations), ...failed]),
  ].join('\n');
};

/** Formats the result as one line of JSON. */
export const verdictJson = (run: Run): string => {
  const { seed, onboardings, server, outcomes, faults, replayed, seconds, violations } = run;
  const verdict = hasPassed(run) ? 'passed' : 'failed';
  return JSON.stringify({ seed, onboardings, server, verdict, outcomes, faults, replayed, seconds, violations });
};
