import { sum } from 'simple-statistics';
import { table } from 'table';
import type { Hunt } from './hunt/hunt.js';
import { INVARIANTS, type Violation } from './judging/invariants.js';
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

const MAX_SHOWN_OF_EACH = 5;

/** Returns the first violations of an invariant, so that a frequent violation does not hide others. */
const firstOf = (invariant: string, violations: readonly Violation[]): readonly string[] => {
  const more = violations.length - MAX_SHOWN_OF_EACH;
  return [
    ...violations.slice(0, MAX_SHOWN_OF_EACH).map(({ subject, what }) => `  ${invariant}: ${subject}: ${what}`),
    ...(more > 0 ? [`  ${invariant}: and ${more} more`] : []),
  ];
};

/** Formats the result for people. */
export const verdictText = (run: Run): string => {
  const { violations, faults, outcomes, repeatedCalls, crashes, replayed, searched, seconds, folder } = run;
  const searchedBytes = sum(searched.map(({ bytes }) => bytes));
  const rules = Object.entries(INVARIANTS).map(([invariant, rule]) => ({
    invariant,
    rule,
    broken: violations.filter((violation) => violation.invariant === invariant),
  }));
  const rows = rules.map(({ rule, broken }) => [
    rule,
    broken.length === 0 ? 'holds' : `violated ${broken.length} times`,
  ]);
  const facts = [
    `Outcomes: ${countsText(outcomes)}.`,
    `Faults: ${countsText(faults)}.`,
    `API calls that the service repeated: ${countsText(repeatedCalls)}.`,
    `Restarts of workers and gateways that crashed without a fault: ${crashes}.`,
    `Replayed: ${replayed} histories.`,
    `Searched for secrets and personal data: ${(searchedBytes / 1e6).toFixed(0)} MB.`,
    `Took ${seconds} s.`,
  ];
  const failed = [`Logs: ${folder}`, `Repeat with: ${commandOf(run)}`];
  return [
    table(rows, { columns: [{ width: 90, wrapWord: true }] }),
    ...facts,
    ...(hasPassed(run)
      ? ['PASSED']
      : ['FAILED', ...rules.flatMap(({ invariant, broken }) => firstOf(invariant, broken)), ...failed]),
  ].join('\n');
};

/** Formats the result as one line of JSON. */
export const verdictJson = (run: Run): string => {
  const { seed, onboardings, server, outcomes, faults, replayed, seconds, violations } = run;
  const verdict = hasPassed(run) ? 'passed' : 'failed';
  return JSON.stringify({ seed, onboardings, server, verdict, outcomes, faults, replayed, seconds, violations });
};

const MAX_SHOWN_FINDINGS = 20;

/** Formats the result of a hunt for people. */
export const huntText = ({ findings, folder, outcomes, ...hunt }: Hunt): string => {
  const { seed, server, onboardings, workerEnds, queries, calls, replayed } = hunt;
  const more = findings.length - MAX_SHOWN_FINDINGS;
  const failed = [
    `FAILED: ${findings.length} findings. Logs and histories: ${folder}`,
    `Repeat with: npm run chaos -- --hunt --seed ${seed} --server ${server} --onboardings ${onboardings} --worker-ends ${workerEnds}`,
  ];
  return [
    `${onboardings} onboardings on the ${server} server: ${calls} calls, ${queries} queries, ${workerEnds} workers ended, ${replayed} histories replayed.`,
    `Outcomes: ${countsText(outcomes)}.`,
    ...findings.slice(0, MAX_SHOWN_FINDINGS).map(({ workflowId, what }) => `  ${workflowId}: ${what}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(findings.length === 0 ? ['PASSED'] : failed),
  ].join('\n');
};
