import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import {
  CALLBACKS_WORKFLOW,
  IDEMPOTENCY_KEY_WORKFLOW,
  type NotedRegistration,
  ONBOARDING_WORKFLOW,
  VENDOR_ERASURE_WORKFLOW,
  workflowIdOfCallbacks,
  workflowIdOfVendorErasure,
} from '../../contract/messages.js';
import { quoted, workflowIdOfPendingReports } from '../../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { VALIDITY_WORKFLOW, workflowIdOfValidity } from '../../contract/validity.js';
import { workflowIdOfReference } from '../../contract/workflow-id.js';
import type { ErasedAtVerifik } from '../../domain/vendor-erasure.js';
import { closed } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { CALL_PROPS, type CallOptions } from '../arguments.js';
import type { Calls } from '../calls/calls.js';
import { deleteRun, type FoundRun, findRun, listRuns, type Run } from '../calls/runs.js';
import { type Erased, OnboardingError, toOnboardingError } from '../errors.js';
import { isHeld } from './legal-holds.js';
import { VendorErasure } from './vendor-erasure.js';

const SEARCH_INTERVAL_MS = 200;

/** The erasure is complete if it finds no run for this long, which exceeds the lag of visibility. */
const QUIET_MS = 2_000;

export interface EraseOptions extends CallOptions {
  /** Deletes the customer's registrations at Verifik as well, with their validations and the person. Needs a worker. */
  readonly atVerifik?: boolean;
}

export const EraseFields = closed(t.partial({ ...CALL_PROPS, atVerifik: t.boolean }));

/** The receipt of an erasure. Keep it as the record. Contains no personal data. */
export interface ErasureReceipt extends Erased {
  /** The customer's reference; for a customer without one, the workflow id without `onboarding-`. */
  readonly reference: string;
  /** When the erasure was complete, in ms since the Unix epoch. */
  readonly erasedAt: number;
  /** Data that is still kept elsewhere, one sentence each. */
  readonly stillKept: readonly string[];
}

const keptAtVerifik = ({ appRegistrationIds: ids, atVerifik }: Erased): readonly string[] => {
  if (ids.length === 0)
    return [
      'Temporal had no app registration of this customer (the receipt of an earlier erasure may name some): Verifik keeps what it has of this customer until Verifik is asked to delete it.',
    ];
  if (atVerifik === undefined)
    return [
      `Verifik keeps the app registrations ${ids.join(', ')}, with their validations, images and documents, until Verifik is asked to delete them.`,
    ];
  const refused = atVerifik.flatMap(({ deletions }) =>
    deletions.flatMap((one) => (one.answer === 'refused' ? [`${one.kind} ${one.id} (${one.code})`] : [])),
  );
  return refused.length === 0 ? [] : [`Verifik refused to delete, and keeps: ${refused.join(', ')}.`];
};

const stillKept = (erased: Erased): readonly string[] => [
  ...keptAtVerifik(erased),
  'An app registration that was being created during the erasure may exist at Verifik without being named here.',
  'Backups, archives and exports of the Temporal server keep their data until they expire.',
  'Temporal keeps lifted legal holds until its retention ends: who placed and lifted them, when and why.',
];

const oneOf = (name: string, values: readonly string[]): string => `${name} IN (${values.map(quoted).join(', ')})`;

/**
 * The erasure of one customer. Deletes every onboarding, callback, validity, idempotency-key, pending-report and
 * vendor-erasure run of the customer, and repeats until Temporal lists none. If the data at Verifik is erased as well,
 * this follows, because a running onboarding would register the applicant again; its workflow is the last to be
 * deleted.
 */
export class Erasure {
  readonly #temporal: Client;
  readonly #reference: string;
  readonly #workflowIds: readonly string[];
  readonly #vendorErasureId: string;
  readonly #found = new Map<string, Run>();
  readonly #deleted = new Set<string>();
  /** The registrations, with their projects as far as they are known. */
  readonly #registrations = new Map<string, NotedRegistration>();
  /** Set until the data at Verifik is erased. */
  #vendor: VendorErasure | undefined;
  /** True while Temporal has not noted all registrations with their projects. */
  #hasNews = false;
  #atVerifik: readonly ErasedAtVerifik[] | undefined;

  constructor(calls: Calls, reference: string, atVerifik = false) {
    this.#temporal = calls.temporal;
    this.#reference = reference;
    const onboarding = workflowIdOfReference(reference);
    this.#vendorErasureId = workflowIdOfVendorErasure(reference);
    this.#workflowIds = [
      ...[onboarding, workflowIdOfCallbacks(onboarding), workflowIdOfValidity(onboarding, reference)],
      this.#vendorErasureId,
    ];
    this.#vendor = atVerifik ? new VendorErasure(calls, reference) : undefined;
  }

  async run(): Promise<ErasureReceipt> {
    try {
      await this.#requireNoHold();
      await this.#deleteAllRuns();
      if (this.#vendor !== undefined) {
        await this.#eraseAtVerifik(this.#vendor);
        this.#vendor = undefined;
        await this.#deleteAllRuns();
      }
    } catch (error) {
      throw this.#withProgress(toOnboardingError(error));
    }
    const erased = this.#erased();
    return { reference: this.#reference, erasedAt: Date.now(), ...erased, stillKept: stillKept(erased) };
  }

  /** Deletes runs until none is found for a while. Keeps the vendor-erasure run while it is needed. */
  async #deleteAllRuns(): Promise<void> {
    for (let lastFoundAt = Date.now(); Date.now() - lastFoundAt < QUIET_MS; await pause(SEARCH_INTERVAL_MS))
      if (await this.#deleteFoundRuns()) lastFoundAt = Date.now();
  }

  async #eraseAtVerifik(vendor: VendorErasure): Promise<void> {
    this.#atVerifik = [];
    if (this.#registrations.size === 0 && !(await vendor.isPending())) return;
    for (const id of await vendor.note([...this.#registrations.values()])) {
      this.#add({ appRegistrationId: id });
      await this.#requireNoHold();
      this.#atVerifik = [...this.#atVerifik, await vendor.erase(id)];
    }
  }

  /** Keeps the ids of registrations in Temporal, which loses them with the runs. */
  async #noteRegistrations(): Promise<void> {
    if (this.#vendor === undefined || !this.#hasNews) return;
    await this.#requireNoHold();
    await this.#vendor.note([...this.#registrations.values()]);
    this.#hasNews = false;
  }

  #isDue({ workflowId }: Run): boolean {
    return this.#vendor === undefined || workflowId !== this.#vendorErasureId;
  }

  /** Searches for runs, deletes them, and returns whether there were any. */
  async #deleteFoundRuns(): Promise<boolean> {
    const listed = await listRuns(this.#temporal, this.#query());
    const latest = await Promise.all(this.#workflowIds.map((workflowId) => findRun(this.#temporal, { workflowId })));
    for (const run of [...listed, ...latest.filter((found) => found !== undefined)]) this.#remember(run);
    const remaining = (await this.#remaining()).filter((run) => this.#isDue(run));
    await this.#noteRegistrations();
    await this.#delete(remaining);
    return remaining.length > 0 || listed.some((run) => this.#isDue(run));
  }

  /** Matches the reference too: a batch or an operator may have started an onboarding under another workflow id. */
  #query(): string {
    const { name } = SEARCH_ATTRIBUTES.reference;
    const types = oneOf('WorkflowType', [
      ONBOARDING_WORKFLOW,
      CALLBACKS_WORKFLOW,
      IDEMPOTENCY_KEY_WORKFLOW,
      VENDOR_ERASURE_WORKFLOW,
      VALIDITY_WORKFLOW,
    ]);
    const own = `${oneOf('WorkflowId', this.#workflowIds)} OR (${name} = ${quoted(this.#reference)} AND ${types})`;
    const pendingReports = [...this.#registrations.keys()].map((appRegistrationId) =>
      workflowIdOfPendingReports({ by: 'registration', appRegistrationId }),
    );
    return pendingReports.length === 0 ? own : `${own} OR ${oneOf('WorkflowId', pendingReports)}`;
  }

  #remember({ workflowId, runId, typedSearchAttributes }: FoundRun): void {
    this.#found.set(runId, { workflowId, runId });
    const project = typedSearchAttributes.get(SEARCH_ATTRIBUTES.project);
    for (const appRegistrationId of typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [])
      this.#add({ appRegistrationId, ...defined({ project }) });
  }

  #add(registration: NotedRegistration): void {
    const { appRegistrationId: id, project } = registration;
    const known = this.#registrations.get(id);
    if (known !== undefined && (project === undefined || known.project === project)) return;
    this.#registrations.set(id, registration);
    this.#hasNews = true;
  }

  async #remaining(): Promise<readonly FoundRun[]> {
    const remaining: FoundRun[] = [];
    for (const run of [...this.#found.values()]) {
      const found = await findRun(this.#temporal, run);
      if (found === undefined) this.#found.delete(run.runId);
      else remaining.push(found);
    }
    for (const run of remaining) this.#remember(run);
    return remaining;
  }

  async #delete(runs: readonly Run[]): Promise<void> {
    for (const run of runs) {
      if (this.#deleted.has(run.runId)) continue;
      await this.#requireNoHold();
      if (await deleteRun(this.#temporal, run)) this.#deleted.add(run.runId);
    }
  }

  async #requireNoHold(): Promise<void> {
    if (await isHeld(this.#temporal, this.#reference))
      throw new OnboardingError('LegalHold', 'a legal hold is set on this reference');
  }

  #erased(): Erased {
    return {
      runs: this.#deleted.size,
      appRegistrationIds: [...this.#registrations.keys()],
      ...defined({ atVerifik: this.#atVerifik }),
    };
  }

  /** Adds the deleted runs and registrations to the error, because Temporal no longer has them. */
  #withProgress(error: OnboardingError): OnboardingError {
    const message = error.type === 'TimedOut' ? 'the call timed out before all runs were deleted' : error.message;
    return new OnboardingError(error.type, message, { cause: error, erased: this.#erased() });
  }
}
