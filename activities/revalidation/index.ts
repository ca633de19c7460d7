import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { onboardingsOfBatch } from '../../contract/revalidation.js';
import type { BatchActivities, WalkInput } from '../../contract/revalidation-activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { SECOND_MS } from '../../shared/time.js';
import type { VerifikClient } from '../../verifik/index.js';
import { auditOne } from './audit.js';
import type { BatchStore } from './files/store.js';
import { fleetShare } from './fleet.js';
import { awaitOnboardings, countOnboardings, outcomesOf, withdrawOnboardings } from './ledger.js';
import { Pace } from './pace.js';
import { readRegistry } from './registry.js';
import { writeSummaries } from './report/index.js';
import { reverifyOne } from './reverify.js';
import type { Sourced, Stretch } from './sources.js';
import { pacedVendor, type Vendor } from './vendor.js';
import { type LegTools, type TakeOne, walkLeg } from './walk.js';

/** What the activities of batches work with. */
export interface BatchDependencies {
  readonly verifik: VerifikClient;
  readonly temporal: Client;
  readonly store: BatchStore;
  /** How many calls a second all batches of the fleet may make to the vendor together. */
  readonly fleetCallsPerSecond: number;
  readonly contactKeys?: ContactKeys;
}

/** Onboardings that are yet to be registered are as many as the vendor takes in so long: more would only wait, and a pause come late. */
const AHEAD_S = 2;
const LEAST_AHEAD = 20;
const LOOK_AGAIN_MS = SECOND_MS / 2;

const REGISTERING = `ExecutionStatus = "Running" AND ${SEARCH_ATTRIBUTES.status.name} = "registering"`;

const sleep = (ms: number, signal: AbortSignal): Promise<unknown> =>
  pause(ms, undefined, { signal }).catch(() => undefined);

/** Waits until those that were begun are registered, but for a few. */
const untilRoom = async (temporal: Client, batch: string, ahead: number, ended: AbortSignal): Promise<void> => {
  while (!ended.aborted) {
    const { count } = await temporal.workflow.count(`${onboardingsOfBatch(batch)} AND ${REGISTERING}`);
    if (count <= ahead) return;
    await sleep(LOOK_AGAIN_MS, ended);
  }
};

const readiness = (
  { batch, request, callsPerSecond }: WalkInput,
  { temporal, fleetCallsPerSecond }: BatchDependencies,
  pace: Pace,
): Pick<LegTools, 'keepPace' | 'makeReady'> => {
  const share = fleetShare(temporal, fleetCallsPerSecond);
  let rate = callsPerSecond;
  return {
    keepPace: async () => {
      rate = await share(callsPerSecond);
      pace.setRate(rate);
    },
    makeReady: async (ended) => {
      if (request.mode === 'reverify' && !request.dryRun)
        await untilRoom(temporal, batch, Math.max(rate * AHEAD_S, LEAST_AHEAD), ended);
    },
  };
};

const takerFor =
  (input: WalkInput, { temporal, contactKeys }: BatchDependencies, vendor: Vendor) =>
  async ({ registrations }: Stretch): Promise<TakeOne> => {
    const { batch, request, startedAt } = input;
    if (request.mode === 'audit' && request.dryRun) return async () => ({ result: 'counted' });
    const ids = registrations.map(({ appRegistrationId }) => appRegistrationId);
    const records = await readRegistry(temporal, ids, batch);
    const recordOf = ({ appRegistrationId }: Sourced) => records.get(appRegistrationId) ?? {};
    if (request.mode === 'audit') return (sourced) => auditOne(sourced, recordOf(sourced), vendor, request.assume);
    const { taskQueue } = activityInfo();
    const options = {
      batch,
      request,
      temporal,
      taskQueue,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(contactKeys === undefined ? {} : { contactKeys }),
    };
    return (sourced) => reverifyOne(sourced, recordOf(sourced), vendor, options);
  };

const walkBatch = async (input: WalkInput, dependencies: BatchDependencies) => {
  const { verifik, store } = dependencies;
  // A leg that has failed leaves calls behind that wait for their turn: the next try has a pace of its own.
  const over = new AbortController();
  const pace = new Pace(input.callsPerSecond, AbortSignal.any([cancellationSignal(), over.signal]));
  const vendor = pacedVendor(verifik, pace);
  const tools = {
    store,
    vendor,
    pace,
    ...readiness(input, dependencies, pace),
    takerFor: takerFor(input, dependencies, vendor),
  };
  try {
    return await walkLeg(input, tools);
  } finally {
    over.abort();
  }
};

/** What batches ask of Temporal and of the vendor. */
export const createBatchActivities = (dependencies: BatchDependencies): BatchActivities => {
  const { temporal, store } = dependencies;
  return {
    walkBatch: (input) => walkBatch(input, dependencies),

    countOnboardings: ({ batch }) => countOnboardings(temporal, batch),

    awaitOnboardings: (begun) => awaitOnboardings(temporal, begun),

    withdrawOnboardings: (begun) => withdrawOnboardings(temporal, begun),

    async writeSummary({ request, result }) {
      const beat = setInterval(() => heartbeat(), 10 * SECOND_MS);
      try {
        if (result.onboardings !== undefined)
          await store.writeOutcomes(result.batch, outcomesOf(temporal, result.batch));
        await writeSummaries(store, { request, result });
      } finally {
        clearInterval(beat);
      }
    },
  };
};
