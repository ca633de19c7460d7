import { setTimeout as pause } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { listWorkflows } from '../../codec/memos.js';
import { onboardingsOfBatch } from '../../contract/revalidation.js';
import type { BatchActivities, ScanInput } from '../../contract/revalidation-activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { BatchRequest } from '../../domain/revalidation/request.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { SECOND_MS } from '../../shared/time.js';
import type { VerifikAccounts } from '../../verifik/index.js';
import { keptAlive } from '../keep-alive.js';
import { type FindAccount, failingCurrent, failingFind } from '../vendor/account.js';
import { auditEntry } from './audit.js';
import { awaitOnboardings, countOnboardings, outcomesOf, withdrawOnboardings } from './batch-onboardings.js';
import type { Visibility } from './due-onboardings.js';
import type { BatchStore } from './files/store.js';
import { findPriorOnboardings } from './prior-onboardings.js';
import { type RatedAccount, RateLimiter, rateShare } from './rate-limiter.js';
import { writeSummaries } from './report/index.js';
import { reverifyEntry } from './reverify.js';
import { type ChunkContext, type ProcessEntry, scanChunk } from './scan.js';
import type { SourceEntry, SourcePage } from './source-page.js';
import { reportFailure } from './store-failure.js';
import { rateLimitedVendor, type Vendor } from './vendor.js';

/** The dependencies of the batch activities. */
export interface BatchDependencies {
  readonly accounts: VerifikAccounts;
  readonly temporal: Client;
  readonly store: BatchStore;
  /**
   * The maximum number of calls a second that all batches on all workers together make in an account, unless the
   * account has its own.
   */
  readonly totalCallsPerSecond: number;
  /** The accounts whose rate-limited task queues the workers of this process poll. */
  readonly polledAccounts: readonly string[];
  /** The task queue of the onboardings that batches start. */
  readonly taskQueue: string;
  readonly contactKeys?: ContactKeys;
}

/**
 * Limits the onboardings that wait for their registration to the calls of two seconds. More would only delay a pause.
 */
const AHEAD_S = 2;
const MIN_AHEAD = 20;
const POLL_MS = SECOND_MS / 2;

const REGISTERING = `ExecutionStatus = "Running" AND ${SEARCH_ATTRIBUTES.status.name} = "registering"`;

const sleep = (ms: number, signal: AbortSignal): Promise<unknown> =>
  pause(ms, undefined, { signal }).catch(() => undefined);

/** Waits until at most `ahead` onboardings of the batch are waiting for their registration. */
const waitForRegistrations = async (temporal: Client, batch: string, ahead: number, ended: AbortSignal) => {
  while (!ended.aborted) {
    const { count } = await temporal.workflow.count(`${onboardingsOfBatch(batch)} AND ${REGISTERING}`);
    if (count <= ahead) return;
    await sleep(POLL_MS, ended);
  }
};

/** The account of the batch's project. A batch without a project can have registrations in several. */
const ratedAccount = (accounts: readonly RatedAccount[], { source: { project } }: BatchRequest): RatedAccount =>
  accounts.find(({ name, projects }) => (project === undefined ? name === undefined : projects.includes(project))) ??
  accounts.find(({ name }) => name === undefined) ?? { name: undefined, projects: [], callsPerSecond: undefined };

const throttling = (
  accounts: readonly RatedAccount[],
  { batch, request, callsPerSecond }: ScanInput,
  { temporal, totalCallsPerSecond }: BatchDependencies,
  limiter: RateLimiter,
): Pick<ChunkContext, 'updateRate' | 'waitForCapacity'> => {
  const share = rateShare(temporal, accounts, ratedAccount(accounts, request), totalCallsPerSecond);
  let rate = callsPerSecond;
  return {
    updateRate: async () => {
      rate = await share(callsPerSecond);
      limiter.setRate(rate);
    },
    waitForCapacity: async (ended) => {
      if (request.mode === 'reverify' && !request.dryRun)
        await waitForRegistrations(temporal, batch, Math.max(rate * AHEAD_S, MIN_AHEAD), ended);
    },
  };
};

/** @throws ApplicationFailure `Misconfigured` if the account's task queue would have no worker. */
const polledAccount =
  (find: FindAccount, polledAccounts: readonly string[]) =>
  async (project: string): Promise<string | undefined> => {
    const { name } = await find(project);
    if (name === undefined || polledAccounts.includes(name)) return name;
    const message = `the account ${name} is newer than this worker: restart the workers for its batches`;
    throw ApplicationFailure.create({ type: 'Misconfigured', message });
  };

const processorFor =
  (input: ScanInput, dependencies: BatchDependencies, vendor: Vendor, find: FindAccount) =>
  async ({ entries }: SourcePage): Promise<ProcessEntry> => {
    const { batch, request, startedAt } = input;
    const { temporal, taskQueue, contactKeys, polledAccounts } = dependencies;
    if (request.mode === 'audit' && request.dryRun) return async () => ({ result: 'dryRun' });
    const ids = entries.map(({ appRegistrationId }) => appRegistrationId);
    const found = await findPriorOnboardings(temporal, ids, batch);
    const priorOf = ({ appRegistrationId }: SourceEntry) => found.get(appRegistrationId) ?? {};
    if (request.mode === 'audit') return (entry) => auditEntry(entry, priorOf(entry), vendor, request.assume);
    const options = {
      batch,
      request,
      temporal,
      taskQueue,
      accountFor: polledAccount(find, polledAccounts),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(contactKeys === undefined ? {} : { contactKeys }),
    };
    return (entry) => reverifyEntry(entry, priorOf(entry), vendor, options);
  };

const visibilityOf = (temporal: Client): Visibility => ({
  list: (query) => listWorkflows(temporal, { query }),
  count: async (query) => (await temporal.workflow.count(query)).count,
});

const scanBatch = async (input: ScanInput, dependencies: BatchDependencies) => {
  const { accounts, store } = dependencies;
  const find = failingFind(accounts);
  // Ends calls that still wait for the limiter when the chunk has failed: a retry has a limiter of its own.
  const over = new AbortController();
  const limiter = new RateLimiter(input.callsPerSecond, AbortSignal.any([cancellationSignal(), over.signal]));
  const vendor = rateLimitedVendor(find, limiter);
  const context = {
    store,
    vendor,
    visibility: visibilityOf(dependencies.temporal),
    limiter,
    ...throttling(await failingCurrent(accounts), input, dependencies, limiter),
    processorFor: processorFor(input, dependencies, vendor, find),
  };
  try {
    return await scanChunk(input, context);
  } finally {
    over.abort();
  }
};

export const createBatchActivities = (dependencies: BatchDependencies): BatchActivities => {
  const { temporal, store } = dependencies;
  return {
    scanBatch: (input) => scanBatch(input, dependencies),

    countOnboardings: ({ batch }) => countOnboardings(temporal, batch),

    awaitOnboardings: (started) => awaitOnboardings(temporal, started),

    withdrawOnboardings: (started) => withdrawOnboardings(temporal, started),

    writeSummary: keptAlive(async ({ request, result }) => {
      try {
        if (result.onboardings !== undefined)
          await store.writeOutcomes(result.batch, outcomesOf(temporal, result.batch));
        await writeSummaries(store, { request, result });
      } catch (error) {
        throw reportFailure(error);
      }
    }),
  };
};
