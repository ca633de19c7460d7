import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import type { ServerProcess } from './processes.js';

/** A search attribute to be registered, as the SDK's `defineSearchAttributeKey` makes it. */
export interface SearchAttribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

const READY_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 100;

/**
 * Waits until a server that was started serves. Where it ends before, or takes too long, it is ended. `what` names it, as in
 * `The Temporal server`.
 *
 * @throws Error with its last words.
 */
export const startServing = async (
  what: string,
  server: ServerProcess,
  isServing: () => Promise<boolean>,
): Promise<ServerProcess> => {
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    while (!(await isServing())) {
      const words = server.lastWords();
      if (words !== undefined) throw new Error(`${what} ended before it served. Its last words:\n${words}`);
      if (Date.now() > deadline) throw new Error(`${what} did not serve within ${READY_WITHIN_MS / 1_000} s`);
      await pause(ASK_AGAIN_MS);
    }
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
};

/** What `ask` answers over a connection of its own; false where it cannot be asked. */
export const asked = async (address: string, ask: (connection: Connection) => Promise<boolean>): Promise<boolean> => {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    return await ask(connection);
  } catch {
    return false;
  } finally {
    await connection.close();
  }
};

/** True once the namespace can be described and has all the search attributes. */
export const serves = (address: string, namespace: string, attributes: readonly SearchAttribute[]): Promise<boolean> =>
  asked(address, async ({ workflowService, operatorService }) => {
    await workflowService.describeNamespace({ namespace });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return attributes.every(({ name }) => customAttributes[name] !== undefined);
  });
