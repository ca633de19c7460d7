import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from './node-process.js';
import { retry } from './retry.js';

/** A service that is restarted whenever it exits, as in production. */
export interface Supervised<P extends ServiceProcess> {
  /** The first process. */
  readonly first: P;
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

export interface SuperviseOptions {
  /** How long a failed first start is retried. Default 0. */
  readonly firstStartTimeoutMs?: number;
  /** Called after each exit that nobody requested, before the restart. */
  readonly onCrash?: () => void;
}

/**
 * Starts a service, and resolves when it is ready. Rejects with the last error if the first start fails. Later starts
 * are retried without limit.
 */
export const supervise = async <P extends ServiceProcess>(
  start: () => Promise<P>,
  { firstStartTimeoutMs = 0, onCrash }: SuperviseOptions = {},
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
      onCrash?.();
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

  const first = await retry(start, { timeoutMs: firstStartTimeoutMs, delayMs: RESTART_DELAY_MS });
  watch(first);

  return {
    first,
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
