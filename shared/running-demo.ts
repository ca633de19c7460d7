import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Environment } from './config.js';
import { parseJson } from './decoding.js';
import { cacheFolder } from './folders.js';

/** The running servers of `npm start`: its process, and the environment with which the command line finds them. */
const RunningDemo = t.readonly(
  t.type({
    pid: t.number,
    env: t.intersection([t.record(t.string, t.string), t.type({ TEMPORAL_ADDRESS: t.string })]),
  }),
);
export type RunningDemo = t.TypeOf<typeof RunningDemo>;

/** Contains the path of the checkout, so that neither another checkout nor an installed package finds the file. */
const CHECKOUT = createHash('sha256')
  .update(fileURLToPath(new URL('../..', import.meta.url)))
  .digest('hex')
  .slice(0, 16);

/** The file of this checkout's running demo. */
export const runningDemoFile = (env?: Environment): string => join(cacheFolder(env), `demo-${CHECKOUT}.json`);

/** Reads the file of this checkout's demo. Undefined if it does not exist. The demo's process may have ended. */
export const readRunningDemo = (env?: Environment): RunningDemo | undefined => {
  const text = E.tryCatch(() => readFileSync(runningDemoFile(env), 'utf8'), String);
  const read = E.isRight(text) ? E.chainW(RunningDemo.decode)(parseJson(text.right)) : text;
  return E.isRight(read) ? read.right : undefined;
};
