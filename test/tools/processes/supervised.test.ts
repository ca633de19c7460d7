import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ServiceProcess } from '../../../tools/processes/node-process.js';
import { supervise } from '../../../tools/processes/supervised.js';

const STARTS_IN_MS = 30;

/** Creates services without a process, and counts those that run at once. */
const services = () => {
  const running = new Set<ServiceProcess>();
  let most = 0;
  const start = async (): Promise<ServiceProcess> => {
    await pause(STARTS_IN_MS);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const kill = async () => {
      running.delete(service);
      end();
      await ended;
    };
    const service: ServiceProcess = { pid: 1, ended, kill, stop: kill };
    running.add(service);
    most = Math.max(most, running.size);
    return service;
  };
  return { start, running, most: () => most };
};

it('a service that crashes is restarted and counted, and never runs twice', async () => {
  const { start, running, most } = services();
  const supervised = await supervise(start);
  // A crash, because the supervisor has not requested it.
  await supervised.now()?.kill();
  await expect.poll(() => supervised.crashes()).toBe(1);
  await supervised.down('kill', 0);
  expect(most()).toBe(1);
  expect(running.size).toBe(1);
  expect([...running]).toEqual([supervised.now()]);
  expect(supervised.crashes()).toBe(1);
  await supervised.now()?.kill();
  await supervised.close();
  expect(running.size).toBe(0);
});

it('the first start of a service is retried until its timeout', async () => {
  const { start, running } = services();
  const startsAtThirdTry = () => {
    let tries = 0;
    return async () => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries} failed`);
      return start();
    };
  };
  await expect(supervise(startsAtThirdTry())).rejects.toThrow('try 1 failed');
  const supervised = await supervise(startsAtThirdTry(), { firstStartTimeoutMs: 10_000 });
  expect([...running]).toEqual([supervised.now()]);
  expect(supervised.crashes()).toBe(0);
});
