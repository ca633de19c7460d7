import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import type { ServerProcess } from './processes.js';

/** A search attribute to register, as the SDK's `defineSearchAttributeKey` returns it. */
export interface SearchAttribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

const READY_WITHIN_MS = 60_000;
const POLL_INTERVAL_MS = 100;

/**
 * Polls until a check resolves to true. A check that rejects has not passed.
 *
 * @throws Error with the message `late` after the time limit, in ms. Its cause is the last rejection.
 */
export const poll = async (check: () => Promise<boolean>, timeoutMs: number, late: string): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  const passes = () =>
    check().catch((error: unknown) => {
      cause = error;
      return false;
    });
  while (!(await passes())) {
    if (Date.now() > deadline) throw new Error(late, { cause });
    await pause(POLL_INTERVAL_MS);
  }
};

/**
 * Waits until a started server serves, for up to 60 s. Kills it on failure. `name` is for messages, such as `The
 * Temporal server`. If `isServing` rejects, the server does not serve yet.
 *
 * @throws Error with the end of its output if it exits before it serves.
 */
export const startServing = async (
  name: string,
  server: ServerProcess,
  isServing: () => Promise<boolean>,
): Promise<ServerProcess> => {
  try {
    const late = `${name} did not serve within ${READY_WITHIN_MS / 1_000} s`;
    await poll(async () => server.lastWords() !== undefined || isServing(), READY_WITHIN_MS, late);
    const output = server.lastWords();
    if (output !== undefined) throw new Error(`${name} exited before it served. The end of its output:\n${output}`);
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
};

/** Runs a function with a new connection. */
export const withConnection = async <A>(address: string, run: (connection: Connection) => Promise<A>): Promise<A> => {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    return await run(connection);
  } finally {
    await connection.close();
  }
};

export const answersWell = async (url: string): Promise<boolean> => (await fetch(url)).ok;
