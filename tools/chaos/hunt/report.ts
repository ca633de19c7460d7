import type { Hunt } from './hunt.js';

const MOST_SHOWN = 20;

/** The result of a hunt for people. */
export const huntText = ({ findings, folder, outcomes, ...hunt }: Hunt): string => {
  const { seed, server, onboardings, seconds, workerEnds, queries, calls, replayed } = hunt;
  return [
    `${onboardings} onboardings on the ${server} server: ${calls} calls, ${queries} queries, ${workerEnds} workers ended, ${replayed} histories replayed.`,
    `Outcomes: ${Object.entries(outcomes)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', ')}.`,
    ...findings.slice(0, MOST_SHOWN).map(({ workflowId, what }) => `  ${workflowId}: ${what}`),
    ...(findings.length > MOST_SHOWN ? [`  and ${findings.length - MOST_SHOWN} more`] : []),
    ...(findings.length === 0
      ? ['PASSED']
      : [
          `FAILED: ${findings.length} findings. Logs and histories: ${folder}`,
          `Again: npm run chaos -- --hunt --seed ${seed} --server ${server} --onboardings ${onboardings} --seconds ${seconds}`,
        ]),
  ].join('\n');
};
