import pMap from 'p-map';
import { type Candidate, finish, type Running } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { StartLatency } from '../results.js';
import { compared, quantileOf } from '../statistics.js';
import { alternate, each } from './alternate.js';

/** Returns the durations of the starts, in ms. The executions are finished when that delays no measured start. */
export const timeStarts = async (
  candidate: Candidate,
  starts: number,
  concurrency: number,
): Promise<readonly number[]> => {
  const times: number[] = [];
  const startOne = async (): Promise<Running> => {
    const began = performance.now();
    const running = await candidate.start();
    times.push(performance.now() - began);
    return running;
  };
  if (concurrency === 1) {
    for (let started = 0; started < starts; started += 1) await finish(await startOne());
    return times;
  }
  const running = await pMap(Array.from({ length: starts }), startOne, { concurrency });
  await pMap(running, (one) => finish(one), { concurrency });
  return times;
};

export interface StartLatencyOptions {
  readonly concurrency: number;
  readonly startsPerRound: number;
  readonly rounds: number;
}

export const measureStartLatency = async (
  servers: Pick<Servers, 'onboarding' | 'baseline'>,
  { concurrency, startsPerRound, rounds }: StartLatencyOptions,
): Promise<StartLatency> => {
  const times = await alternate(servers, rounds, (candidate) => timeStarts(candidate, startsPerRound, concurrency));
  const at = (share: number) => compared(each(times, (round) => quantileOf(round, share)));
  return { concurrency, startsPerRound, p50: at(0.5), p99: at(0.99) };
};
