import type { ServerKind } from './environment/temporal-server.js';
import type { Results } from './results.js';

const round = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1_000) / 1_000;

const sum = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((total, { count }) => total + count, 0);

/** Returns the main figures that `--json` prints. Ratios are onboarding ÷ baseline; missing results are undefined. */
export const summaryOf = (kind: ServerKind, results: Results, seconds: number) => {
  const { startAlone, startCrowded, throughput, costs } = results[kind];
  const onboarding = costs?.figures.onboarding;
  return {
    server: kind,
    startRatio: round(startAlone?.figures.p50.ratio.median),
    startMs: round(startAlone?.figures.p50.onboarding.median),
    startP99Ratio: round(startAlone?.figures.p99.ratio.median),
    startCrowdedRatio: round(startCrowded?.figures.p50.ratio.median),
    throughputRatio: round(throughput?.figures.perSecond.ratio.median),
    onboardingsPerSecond: round(throughput?.figures.perSecond.onboarding.median),
    workerCpuMsPerOnboarding: round(throughput?.figures.workerCpuMs.onboarding.median),
    eventsPerOnboarding: onboarding?.historyEvents,
    bytesPerOnboarding: onboarding?.historyBytes,
    actionsPerOnboarding: onboarding === undefined ? undefined : sum(onboarding.actions),
    codecEncodeRatio: round(results.codec?.figures.ratioEncode),
    codecDecodeRatio: round(results.codec?.figures.ratioDecode),
    seconds,
  };
};
