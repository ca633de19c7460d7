import { constants } from 'node:os';

/** A second signal within this time is the same one: npm passes Ctrl-C on to a process that has it already. */
const REPEATED_WITHIN_MS = 1_000;

/** Resolves with the first signal to stop. A later one ends the process at once, with 128 plus its number. */
export const receiveStopSignal = (
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'],
): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let since: number | undefined;
    const receive = (signal: NodeJS.Signals): void => {
      since ??= performance.now();
      resolve(signal);
      if (performance.now() - since > REPEATED_WITHIN_MS) process.exit(128 + constants.signals[signal]);
    };
    for (const signal of signals) process.on(signal, receive);
  });
