import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '../../processes/node-process.js';
import { retry } from '../retry.js';

/** A service that is restarted whenever it exits, as in production. */
export interface Supervised<P extends ServiceProcess> {
  /** Returns the current process, or undefined while the service is down. */
  readonly now: () => P | undefined;
  /** Returns the number of exits that nobody requested. */
  readonly crashes: () => number;
  /** Kills or stops the service, restarts it after `forMs`, and resolves when it is ready. */
  down(how: 'kill' | 'stop', forMs: number): Promise<void>;
  /** Ends the service without a restart. */
  close(how?: 'kill' | 'stop'): Promise<void>;
}

const RESTART_DELAY_MS = 250;

/**
 * Starts a service, and resolves when it is ready. Retries a failed first start for `firstStartTimeoutMs`, then rejects
 * with the last error. Later starts are retried without limit.
 */
export const supervise = async <P extends ServiceProcess>(
  start: () => Promise<P>,
  firstStartTimeoutMs = 0,
): Promise<Supervised<P>> => {
  let now: P | undefined;
  let crashes = 0;
  let isClosed = false;
  let isDownRequested = false;
  /** Shared by all who wait for a restart: two starts at once would be two processes. */
  let restarting: Promise<void> | undefined;

  const watch = (started: P): void => {
    now = started;
    void started.ended.then(async () => {
      now = undefined;
      if (isDownRequested || isClosed) return;
      crashes += 1;
      await restart();
    });
  };

  const startWithRetries = async (): Promise<void> => {
    while (!isClosed) {
      // A start fails while a fault affects a dependency.
      const started = await start().catch(() => undefined);
      if (started !== undefined) return watch(started);
      await pause(RESTART_DELAY_MS);
    }
  };

  const restart = (): Promise<void> => {
    restarting ??= startWithRetries().finally(() => {
      restarting = undefined;
    });
    return restarting;
  };

  watch(await retry(start, { timeoutMs: firstStartTimeoutMs, delayMs: RESTART_DELAY_MS }));

  return {
    now: () => now,
    crashes: () => crashes,
    down: async (how, forMs) => {
      isDownRequested = true;
      // A restart after a crash may be in progress.
      await restarting;
      await now?.[how]();
      await pause(forMs);
      isDownRequested = false;
      await restart();
    },
    close: async (how = 'kill') => {
      isClosed = true;
      await restarting;
      await now?.[how]();
    },
  };
};
