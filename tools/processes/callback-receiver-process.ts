import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { freePort, type ServerProcess } from '../servers/index.js';
import { Callback, newCallbackSecret } from './callback-receiver.js';
import { answersWell, startNodeProcess } from './node-process.js';

const Line = t.union([Callback, t.type({ refused: t.string })]);

/** A received callback, or the message id of a request with an invalid signature or body. */
export type CallbackLine = t.TypeOf<typeof Line>;

/** A receiver of callbacks in its own process, which stores them in a file. */
export interface CallbackReceiverProcess {
  readonly url: string;
  readonly secret: string;
  /** Kills the process, and restarts it after `forMs`. */
  down(forMs: number): Promise<void>;
  /** Returns all callbacks in the order of receipt, including repeated ones. */
  received(): Promise<readonly CallbackLine[]>;
  /** Kills the process. */
  close(): Promise<void>;
}

/** Starts the process with its log and its file of callbacks in the folder. */
export const startCallbackReceiverProcess = async (folder: string): Promise<CallbackReceiverProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/callbacks`;
  const secret = newCallbackSecret();
  const file = join(folder, 'callbacks.jsonl');
  await appendFile(file, '');
  const start = (): Promise<ServerProcess> =>
    startNodeProcess('tools/processes/callback-receiver-main.js', [String(port), file], {
      env: { CALLBACK_SECRET: secret },
      logFile: join(folder, 'callback-receiver.log'),
      isReady: () => answersWell(url),
    });
  let running = await start();
  return {
    url,
    secret,
    down: async (forMs) => {
      await running.kill();
      await pause(forMs);
      running = await start();
    },
    received: async () =>
      (await readFile(file, 'utf8'))
        .split('\n')
        // A kill may truncate a line. That callback was not acknowledged, and is delivered again.
        .filter((line) => line.endsWith('}'))
        .map((line) => {
          const read = Line.decode(JSON.parse(line));
          if (E.isLeft(read)) throw new Error(`a callback has an unexpected shape: ${line}`);
          return read.right;
        }),
    close: () => running.kill(),
  };
};
