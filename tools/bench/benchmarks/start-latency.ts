import pMap from 'p-map';
import type { Candidate } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { Figures } from '../results.js';
import { alternate, compared, quantileOf, timed } from '../rounds.js';

/** Returns the candidate with a list that receives the duration of each start, in ms. */
export const withTimes = (candidate: Candidate): Candidate & { readonly times: readonly number[] } => {
  const times: number[] = [];
  const start = async () => {
    const { result, ms } = await timed(() => candidate.start());
    times.push(ms);
    return result;
  };
  return { ...candidate, start, times };
};

/** Returns the durations of the starts, in ms. The executions are finished when that delays no measured start. */
export const timeStarts = async (
  candidate: Candidate,
  starts: number,
  concurrency: number,
): Promise<readonly number[]> => {
  const { start, times } = withTimes(candidate);
  if (concurrency === 1) {
    for (let started = 0; started < starts; started += 1) await (await start()).finish();
    return times;
  }
  const running = await pMap(Array.from({ length: starts }), start, { concurrency });
  await pMap(running, (one) => one.finish(), { concurrency });
  return times;
};

export const measureStartLatency = async (
  servers: Servers,
  {
    rounds,
    concurrency,
    startsPerRound,
  }: { readonly rounds: number; readonly concurrency: number; readonly startsPerRound: number },
): Promise<Figures<'startAlone'>> => {
  const times = await alternate(servers, rounds, (candidate) => timeStarts(candidate, startsPerRound, concurrency));
  const at = (share: number) => compared(times, (round) => quantileOf(round, share));
  return { concurrency, startsPerRound, p50: at(0.5), p99: at(0.99) };
};
