import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '../../processes/service-process.js';

/** A service that is started again whenever it ends, as whoever runs it in production does. */
export interface Supervised<P extends ServiceProcess> {
  /** What it is now; undefined while it is down. */
  readonly now: () => P | undefined;
  /** How often it ended though nobody had ended it. */
  readonly ownDeaths: () => number;
  /** Kills it, or asks it to stop; it stays down for the time. Answers when it is back. */
  down(how: 'kill' | 'stop', forMs: number): Promise<void>;
  /** Ends it for good. */
  close(how?: 'kill' | 'stop'): Promise<void>;
}

const START_AGAIN_MS = 250;

/**
 * Starts a service, and answers when it is ready. For as long as `patienceMs` it is started again where it does not start: what it needs
 * may be away. Rejects with why it did not start the last time.
 */
export const supervise = async <P extends ServiceProcess>(
  start: () => Promise<P>,
  patienceMs = 0,
): Promise<Supervised<P>> => {
  let now: P | undefined;
  let ownDeaths = 0;
  let isClosed = false;
  /** Whoever ends it says so first. */
  let isWantedDown = false;
  /** Whoever waits for it to be back waits for the same start: two at once would be two services. */
  let starting: Promise<void> | undefined;

  const watch = (started: P): void => {
    now = started;
    void started.ended.then(async () => {
      now = undefined;
      if (isWantedDown || isClosed) return;
      ownDeaths += 1;
      await startAgain();
    });
  };

  const untilStarted = async (): Promise<void> => {
    while (!isClosed) {
      // It does not start while what it needs is away: as often as it takes.
      const started = await start().catch(() => undefined);
      if (started !== undefined) return watch(started);
      await pause(START_AGAIN_MS);
    }
  };

  const startAgain = (): Promise<void> => {
    starting ??= untilStarted().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const startFirst = async (): Promise<P> => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        return await start();
      } catch (error) {
        if (Date.now() >= deadline) throw error;
        await pause(START_AGAIN_MS);
      }
    }
  };

  watch(await startFirst());

  return {
    now: () => now,
    ownDeaths: () => ownDeaths,
    down: async (how, forMs) => {
      isWantedDown = true;
      // It may be on its way back from an end of its own.
      await starting;
      await now?.[how]();
      await pause(forMs);
      isWantedDown = false;
      await startAgain();
    },
    close: async (how = 'kill') => {
      isClosed = true;
      await starting;
      await now?.[how]();
    },
  };
};
