import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { noCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import { createActivities, type Dependencies } from '../../activities/index.js';
import { noPoliciesFile } from '../../activities/policies-file.js';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';
import { DEFAULT_TASK_QUEUE } from '../../contract/messages.js';
import type { Sandbox } from '../../tools/sandbox/index.js';
import { createVerifikClient, type VerifikAccounts, type VerifikClient } from '../../verifik/index.js';

/** Creates a client of Verifik at a sandbox. */
export const verifikAt = (sandbox: Pick<Sandbox, 'url' | 'clientToken'>) =>
  createVerifikClient({ baseUrl: sandbox.url, tokenSource: { read: async () => sandbox.clientToken } });

/** The accounts of a worker that has one. */
export const onlyAccount = (verifik: VerifikClient): VerifikAccounts => {
  const account = { ...DEFAULT_ACCOUNT, tokenSource: { read: async () => 'unused' } };
  return { current: async () => [account], of: async () => ({ ...account, verifik }) };
};

const DEFAULT_ACCOUNT = { name: undefined, projects: [], callsPerSecond: undefined };

const NOWHERE = { url: 'http://127.0.0.1:9', clientToken: 'none' };

/**
 * Creates the activities. Unless they are given, Verifik and Temporal are unreachable, there are no callback endpoints,
 * and batches have a temporary folder and a rate limit that tests do not reach.
 */
export const activitiesWith = (
  dependencies: Partial<Dependencies> = {},
  taskQueue = DEFAULT_TASK_QUEUE,
  polledAccounts: readonly string[] = [],
) =>
  createActivities({
    accounts: onlyAccount(verifikAt(NOWHERE)),
    temporal: new Client({ connection: Connection.lazy() }),
    callbacks: noCallbackEndpoints,
    policies: noPoliciesFile,
    batches: {
      store: folderBatchStore(mkdtempSync(join(tmpdir(), 'onboarding-batches-'))),
      totalCallsPerSecond: 1_000,
      taskQueue,
      polledAccounts,
    },
    ...dependencies,
  });

/** Creates an environment in which a test calls an activity. */
export const mockActivity = (info: { attempt?: number; heartbeatDetails?: unknown } = {}) =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
