import {
  allHandlersFinished,
  condition,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import * as t from 'io-ts';
import type { VendorErasureActivities } from '../contract/activities.js';
import { failure, orThrow } from '../contract/failures.js';
import { eraseRegistrationUpdate, type NotedRegistration, noteRegistrationsUpdate } from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { VendorId } from '../domain/ids.js';
import type { Deletion, ErasedAtVerifik, VendorRecord } from '../domain/vendor-erasure.js';
import { closed, decodeFields } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';

/** An erasure that failed can be repeated until then. */
const KEPT_MS = 30 * DAY_MS;

/** As many ids of 64 characters fit into a search attribute of Temporal (2 KiB). */
const MAX_PUBLISHED = 25;

const { listVendorRecords, deleteVendorRecord } = proxyActivities<VendorErasureActivities>({
  startToCloseTimeout: MINUTE_MS,
  // Within the time that the client waits for an erasure.
  scheduleToCloseTimeout: MINUTE_MS,
  heartbeatTimeout: 15 * SECOND_MS,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

const keyOf = ({ kind, id }: VendorRecord): string => `${kind} ${id}`;

/** The deletions at Verifik that have an answer, by registration. */
class Erasing {
  readonly #deletions = new Map<string, Map<string, Deletion>>();
  readonly #projects = new Map<string, string>();

  get appRegistrationIds(): readonly string[] {
    return [...this.#deletions.keys()];
  }

  note(registrations: readonly NotedRegistration[]): void {
    for (const { appRegistrationId: id, project } of registrations) {
      if (!this.#deletions.has(id)) this.#deletions.set(id, new Map());
      if (project !== undefined) this.#projects.set(id, project);
    }
    const published = this.appRegistrationIds.slice(-MAX_PUBLISHED);
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.registrationIds, value: [...published] }]);
  }

  /** Deletes what Verifik has of the registration and has not answered about yet. The registration is the last. */
  async erase(appRegistrationId: string): Promise<ErasedAtVerifik> {
    const done = this.#deletions.get(appRegistrationId) ?? new Map<string, Deletion>();
    this.#deletions.set(appRegistrationId, done);
    const of = defined({ project: this.#projects.get(appRegistrationId) });
    if (!done.has(keyOf({ kind: 'registration', id: appRegistrationId })))
      for (const record of await listVendorRecords({ appRegistrationId, ...of }))
        if (!done.has(keyOf(record)))
          done.set(keyOf(record), { ...record, ...(await deleteVendorRecord({ ...record, ...of })) });
    return { appRegistrationId, deletions: [...done.values()] };
  }
}

const NoteArgs = t.type({
  registrations: t.array(
    closed(t.intersection([t.type({ appRegistrationId: VendorId }), t.partial({ project: VendorId })])),
  ),
});

const EraseArgs = closed(t.type({ appRegistrationId: VendorId }));

/**
 * Deletes a customer's data at Verifik, for which only workers have the credentials. It remembers the registrations and
 * Verifik's answers, so that an erasure that fails midway can be repeated after Temporal has nothing else of the
 * customer.
 */
export async function vendorErasure(): Promise<void> {
  const erasing = new Erasing();
  setHandler(
    noteRegistrationsUpdate,
    (registrations) => {
      erasing.note(orThrow(decodeFields(NoteArgs)({ registrations })).registrations);
      return erasing.appRegistrationIds;
    },
    {
      description:
        'Adds registrations to those that have to be deleted, and answers with the ids of all: [{"appRegistrationId": "65f0…", "project": "65f1…"}].',
    },
  );
  setHandler(
    eraseRegistrationUpdate,
    async (args) => {
      const { appRegistrationId } = orThrow(decodeFields(EraseArgs)(args));
      try {
        return await erasing.erase(appRegistrationId);
      } catch (error) {
        if (isCancellation(error)) throw error;
        throw failure('Unreachable', 'Verifik did not answer all deletions in time');
      }
    },
    {
      description:
        'Deletes a registration at Verifik with its validations and its person, and answers with what Verifik said of each: {"appRegistrationId": "65f0…"}.',
    },
  );
  await sleep(KEPT_MS, { summary: 'Until the erasure can no longer be repeated' });
  await condition(allHandlersFinished);
}
