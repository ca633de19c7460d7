import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
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

const PREFIX = `demo-${CHECKOUT}-`;

/** The file of a demo of this checkout. */
export const runningDemoFile = (pid: number, env?: Environment): string =>
  join(cacheFolder(env), `${PREFIX}${pid}.json`);

const read = (file: string): readonly (RunningDemo & { readonly startedAt: number })[] => {
  const found = E.tryCatch(() => ({ text: readFileSync(file, 'utf8'), startedAt: statSync(file).mtimeMs }), String);
  if (E.isLeft(found)) return [];
  const demo = E.chainW(RunningDemo.decode)(parseJson(found.right.text));
  return E.isRight(demo) ? [{ ...demo.right, startedAt: found.right.startedAt }] : [];
};

/** Reads the files of this checkout's demos, the newest first. The process of a demo may have ended. */
export const readRunningDemos = (env?: Environment): readonly RunningDemo[] => {
  const names = E.tryCatch(() => readdirSync(cacheFolder(env)), String);
  if (E.isLeft(names)) return [];
  return names.right
    .filter((name) => name.startsWith(PREFIX) && name.endsWith('.json'))
    .flatMap((name) => read(join(cacheFolder(env), name)))
    .sort((one, other) => other.startedAt - one.startedAt);
};

export const isAlive = ({ pid }: RunningDemo): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
