import { randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { steadyPorts } from '../../servers/index.js';

const Line = t.union([
  t.type({
    messageId: t.string,
    event: t.type({
      type: t.string,
      data: t.intersection([
        t.type({ id: t.string, sequence: t.number }),
        t.partial({
          check: t.string,
          decision: t.type({ outcome: t.string, reason: t.string }),
          appRegistrationId: t.string,
        }),
      ]),
    }),
  }),
  t.type({ refused: t.string }),
]);

/** A received callback, or the message id of one with an invalid signature. */
export type CallbackLine = t.TypeOf<typeof Line>;

/** The service that receives the callbacks. */
export interface Service {
  readonly address: string;
  readonly secret: string;
  /** Kills the service, and restarts it after `forMs`. */
  down(forMs: number): Promise<void>;
  /** Returns all callbacks in the order of receipt, including repeated ones. */
  callbacks(): Promise<readonly CallbackLine[]>;
  close(): Promise<void>;
}

export const openService = async (folder: string): Promise<Service> => {
  const [port = 0] = await steadyPorts(1);
  const address = `127.0.0.1:${port}`;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const file = join(folder, 'callbacks.jsonl');
  await appendFile(file, '');
  const start = () =>
    startNodeProcess('tools/chaos/environment/service-main.js', [String(port), file], {
      env: { CALLBACK_SECRET: secret },
      logFile: join(folder, 'service.log'),
      isReady: () => answersWell(`http://${address}/healthz`),
    });
  let running = await start();
  return {
    address,
    secret,
    down: async (forMs) => {
      await running.kill();
      await pause(forMs);
      running = await start();
    },
    callbacks: async () =>
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
