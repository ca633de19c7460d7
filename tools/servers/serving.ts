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
 * Waits until a started server serves, for up to 60 s. Kills it on failure. `name` is for messages, such as `The
 * Temporal server`.
 *
 * @throws Error with the end of its output if it exits before it serves.
 */
export const startServing = async (
  name: string,
  server: ServerProcess,
  isServing: () => Promise<boolean>,
): Promise<ServerProcess> => {
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    while (!(await isServing())) {
      const output = server.lastWords();
      if (output !== undefined) throw new Error(`${name} exited before it served. The end of its output:\n${output}`);
      if (Date.now() > deadline) throw new Error(`${name} did not serve within ${READY_WITHIN_MS / 1_000} s`);
      await pause(POLL_INTERVAL_MS);
    }
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
};

/** Runs a check over a new connection. False if the connection or the check fails. */
export const checkConnection = async (
  address: string,
  check: (connection: Connection) => Promise<boolean>,
): Promise<boolean> => {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    return await check(connection);
  } catch {
    return false;
  } finally {
    await connection.close();
  }
};

/** True if the namespace exists and has all search attributes. */
export const serves = (address: string, namespace: string, attributes: readonly SearchAttribute[]): Promise<boolean> =>
  checkConnection(address, async ({ workflowService, operatorService }) => {
    await workflowService.describeNamespace({ namespace });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return attributes.every(({ name }) => customAttributes[name] !== undefined);
  });

export const answersWell = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
