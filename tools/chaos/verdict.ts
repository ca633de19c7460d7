import { table } from 'table';
import { RULES, type Rule, type Violation } from './judging/judge.js';
import type { Run } from './run.js';

export const hasPassed = ({ violations }: Run): boolean => violations.length === 0;

/** The command that repeats a run. */
export const commandOf = ({
  seed,
  onboardings,
  server,
  atOnce,
  acts,
}: Pick<Run, 'seed' | 'onboardings' | 'server' | 'atOnce' | 'acts'>): string =>
  [
    `npm run chaos -- --seed ${seed} --onboardings ${onboardings} --server ${server} --at-once ${atOnce}`,
    ...(acts === undefined ? [] : [`--acts ${acts}`]),
  ].join(' ');

const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

const isRule = (name: string): name is Rule => Object.hasOwn(RULES, name);

const MOST_SHOWN_OF_EACH = 5;

/** The first violations of each rule: a rule that is broken hundreds of times hides no other one. */
const shownOf = (violations: readonly Violation[]): readonly string[] =>
  Object.keys(RULES)
    .filter(isRule)
    .flatMap((rule) => {
      const broken = violations.filter((violation) => violation.rule === rule);
      const more = broken.length - MOST_SHOWN_OF_EACH;
      return [
        ...broken.slice(0, MOST_SHOWN_OF_EACH).map(({ of, what }) => `  ${rule}: ${of}: ${what}`),
        ...(more > 0 ? [`  ${rule}: and ${more} more`] : []),
      ];
    });

/** The verdict for people. */
export const verdictText = (run: Run): string => {
  const { violations, harm, outcomes, repeatedCalls, ownDeaths, replayed, searched, seconds, folder } = run;
  const searchedBytes = searched.reduce((sum, { bytes }) => sum + bytes, 0);
  const rules = Object.keys(RULES)
    .filter(isRule)
    .map((rule) => {
      const broken = violations.filter((violation) => violation.rule === rule).length;
      return [RULES[rule], broken === 0 ? 'holds' : `broken ${broken} times`];
    });
  const facts = [
    `Outcomes: ${inWords(outcomes)}.`,
    `Harm: ${inWords(harm)}.`,
    `Calls that the service had to repeat: ${inWords(repeatedCalls)}.`,
    `Services that ended by themselves and were started again: ${ownDeaths}.`,
    `Replayed: ${replayed} histories.`,
    `Searched for secrets and personal data: ${(searchedBytes / 1e6).toFixed(0)} MB.`,
    `Took ${seconds} s.`,
  ];
  const failed = [`Logs: ${folder}`, `Again: ${commandOf(run)}`];
  return [
    table(rules, { columns: [{ width: 90, wrapWord: true }] }),
    ...facts,
    ...(hasPassed(run) ? ['PASSED'] : ['FAILED', ...shownOf(violations), ...failed]),
  ].join('\n');
};

/** The verdict for machines: one line. */
export const verdictJson = (run: Run): string => {
  const { seed, onboardings, server, outcomes, harm, replayed, seconds, violations } = run;
  const verdict = hasPassed(run) ? 'passed' : 'failed';
  return JSON.stringify({ seed, onboardings, server, verdict, outcomes, harm, replayed, seconds, violations });
};
