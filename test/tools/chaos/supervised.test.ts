import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { supervise } from '../../../tools/chaos/setting/supervised.js';
import type { ServiceProcess } from '../../../tools/processes/service-process.js';

const STARTS_IN_MS = 30;

/** Services that run nowhere, counted. */
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

it('a service that ends by itself is started again and counted, and is one also where it is taken down meanwhile', async () => {
  const { start, running, most } = services();
  const supervised = await supervise(start);
  // As a crash: nobody who supervises it has asked for it.
  await supervised.now()?.kill();
  await expect.poll(() => supervised.ownDeaths()).toBe(1);
  await supervised.down('kill', 0);
  expect(most()).toBe(1);
  expect(running.size).toBe(1);
  expect([...running]).toEqual([supervised.now()]);
  expect(supervised.ownDeaths()).toBe(1);
  await supervised.now()?.kill();
  await supervised.close();
  expect(running.size).toBe(0);
});

it('a service whose needs are away at first is started as often as it takes, for as long as there is patience', async () => {
  const { start, running } = services();
  const startAtLast = () => {
    let tries = 0;
    return async () => {
      tries += 1;
      if (tries < 3) throw new Error(`not at the try ${tries}`);
      return start();
    };
  };
  await expect(supervise(startAtLast())).rejects.toThrow('not at the try 1');
  const supervised = await supervise(startAtLast(), 10_000);
  expect([...running]).toEqual([supervised.now()]);
  expect(supervised.ownDeaths()).toBe(0);
});
