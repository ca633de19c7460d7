import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { freePort } from '../../tools/servers/index.js';

const SCRIPT = fileURLToPath(new URL('callback-receiver.mjs', import.meta.url));

const ReceivedEvent = t.type({
  messageId: t.string,
  type: t.string,
  timestamp: t.string,
  data: t.intersection([
    t.type({ id: t.string, sequence: t.number }),
    t.partial({ decision: t.type({ outcome: t.string, reason: t.string }) }),
  ]),
});

/** A received callback. */
export type ReceivedEvent = t.TypeOf<typeof ReceivedEvent>;

/** The callback receiver of a service, which can be killed and restarted. */
export interface ServiceSide {
  readonly url: string;
  readonly secret: string;
  /** The worker's configuration of the callback endpoint `service`. */
  readonly callbacksFile: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Returns all acknowledged callbacks in the order of receipt, including repeated ones. */
  receivedEvents(): readonly ReceivedEvent[];
  /** Returns the number of callbacks with an invalid signature. */
  refused(): number;
}

/** Creates a callback receiver that stores its callbacks in the folder. It must be started. */
export const makeServiceSide = async (folder: string): Promise<ServiceSide> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/callbacks`;
  const secret = `whsec_${Buffer.from('a secret of the end-to-end tests').toString('base64')}`;
  const callbacksFile = `${folder}/callbacks.json`;
  const file = `${folder}/callbacks.jsonl`;
  writeFileSync(
    callbacksFile,
    JSON.stringify({ endpoints: { service: { url, secrets: [secret] } }, allowedHosts: ['127.0.0.1'] }),
  );
  appendFileSync(file, '');
  const lines = (): readonly unknown[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line.endsWith('}') || line.endsWith('"'))
          .map((line): unknown => JSON.parse(line))
      : [];
  let running: { kill(): Promise<void> } | undefined;
  return {
    url,
    secret,
    callbacksFile,
    start: async () => {
      const child = execa(process.execPath, [SCRIPT, String(port), secret, file], { reject: false });
      const ended = child.then(() => undefined);
      running = {
        kill: async () => {
          child.kill('SIGKILL');
          await ended;
        },
      };
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve());
        ended.then(() => reject(new Error('the callback receiver exited before it was ready')), reject);
      });
    },
    kill: async () => {
      await running?.kill();
      running = undefined;
    },
    receivedEvents: () =>
      lines().flatMap((line) => {
        const read = ReceivedEvent.decode(line);
        return E.isRight(read) ? [read.right] : [];
      }),
    refused: () => lines().filter((line) => line === 'refused').length,
  };
};
