import pMap from 'p-map';
import { type Contender, finish, type Running } from '../contenders.js';
import type { StartLatency } from '../results.js';
import type { Servers } from '../setting/servers.js';
import { compared, quantileOf } from '../statistics.js';
import { alternate, each } from './alternate.js';

/** How long each start took, in ms. Each is finished when it is nobody's delay. */
export const timeStarts = async (
  contender: Contender,
  starts: number,
  concurrency: number,
): Promise<readonly number[]> => {
  const times: number[] = [];
  const startOne = async (): Promise<Running> => {
    const began = performance.now();
    const running = await contender.start();
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
  servers: Pick<Servers, 'onboarding' | 'floor'>,
  { concurrency, startsPerRound, rounds }: StartLatencyOptions,
): Promise<StartLatency> => {
  const times = await alternate(servers, rounds, (contender) => timeStarts(contender, startsPerRound, concurrency));
  const at = (share: number) => compared(each(times, (round) => quantileOf(round, share)));
  return { concurrency, startsPerRound, p50: at(0.5), p99: at(0.99) };
};
