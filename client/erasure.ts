import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  CALLBACKS_WORKFLOW,
  IDEMPOTENCY_KEY_WORKFLOW,
  ONBOARDING_WORKFLOW,
  workflowIdOfCallbacks,
} from '../contract/messages.js';
import { quoted, workflowIdOfParked } from '../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { type Erased, type ErasureReceipt, stillKept } from './erasure-receipt.js';
import { OnboardingError, toOnboardingError } from './errors.js';
import type { LegalHolds } from './legal-holds.js';
import { deleteRun, type FoundRun, findRun, listRuns, type Run } from './runs.js';
import { workflowIdOfReference } from './workflow-id.js';

const LOOK_AGAIN_MS = 200;

/** How long nothing must be found before nothing is left: longer than the server's visibility lags behind. */
const QUIET_MS = 2_000;

const oneOf = (name: string, values: readonly string[]): string => `${name} IN (${values.map(quoted).join(', ')})`;

/** The workflow that keeps what Verifik said of a registration. */
const workflowIdOfReportsOf = (appRegistrationId: string): string =>
  workflowIdOfParked({ by: 'registration', appRegistrationId });

/**
 * The erasure of one customer: deletes every run of their onboardings, of what sends the events of these and of what keeps reports on
 * their registrations, and looks until there is none any more.
 */
export class Erasure {
  readonly #temporal: Client;
  readonly #holds: LegalHolds;
  readonly #reference: string;
  readonly #workflowIds: readonly string[];
  readonly #seen = new Map<string, Run>();
  readonly #gone = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #appRegistrationIds = new Set<string>();

  constructor(temporal: Client, holds: LegalHolds, reference: string) {
    this.#temporal = temporal;
    this.#holds = holds;
    this.#reference = reference;
    const onboarding = workflowIdOfReference(reference);
    this.#workflowIds = [onboarding, workflowIdOfCallbacks(onboarding)];
  }

  /** Erases, and goes on until nothing is left or the deadline of the calls has passed. */
  async run(): Promise<ErasureReceipt> {
    try {
      await this.#refuseUnderHold();
      for (let lastSeen = Date.now(); Date.now() - lastSeen < QUIET_MS; await pause(LOOK_AGAIN_MS))
        if (await this.#eraseWhatIsThere()) lastSeen = Date.now();
    } catch (error) {
      throw this.#unfinished(toOnboardingError(error));
    }
    const { runs, appRegistrationIds } = this.#erased();
    const erasedAt = Date.now();
    return { reference: this.#reference, erasedAt, runs, appRegistrationIds, stillKept: stillKept(appRegistrationIds) };
  }

  /** Does what can be done now, and answers whether there was something. */
  async #eraseWhatIsThere(): Promise<boolean> {
    const listed = await listRuns(this.#temporal, this.#query());
    const latest = await Promise.all(this.#workflowIds.map((workflowId) => findRun(this.#temporal, { workflowId })));
    for (const run of [...listed, ...latest.filter((found) => found !== undefined)]) this.#note(run);
    const standing = await this.#standing();
    await this.#delete(standing);
    return listed.length > 0 || standing.length > 0;
  }

  /** Other workflow ids count as well where they carry the reference: a batch or an operator may have started them. */
  #query(): string {
    const { name } = SEARCH_ATTRIBUTES.reference;
    const types = oneOf('WorkflowType', [ONBOARDING_WORKFLOW, CALLBACKS_WORKFLOW, IDEMPOTENCY_KEY_WORKFLOW]);
    const own = `${oneOf('WorkflowId', this.#workflowIds)} OR (${name} = ${quoted(this.#reference)} AND ${types})`;
    const waiting = oneOf('WorkflowId', [...this.#appRegistrationIds].map(workflowIdOfReportsOf));
    return this.#appRegistrationIds.size === 0 ? own : `${own} OR ${waiting}`;
  }

  #note({ workflowId, runId, typedSearchAttributes }: FoundRun): void {
    this.#seen.set(runId, { workflowId, runId });
    for (const id of typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [])
      this.#appRegistrationIds.add(id);
  }

  /** The runs seen so far that are still there. */
  async #standing(): Promise<readonly FoundRun[]> {
    const standing: FoundRun[] = [];
    for (const run of this.#seen.values()) {
      const found = this.#gone.has(run.runId) ? undefined : await findRun(this.#temporal, run);
      if (found === undefined) this.#gone.add(run.runId);
      else standing.push(found);
    }
    for (const run of standing) this.#note(run);
    return standing;
  }

  async #delete(runs: readonly Run[]): Promise<void> {
    for (const run of runs) {
      if (this.#deleted.has(run.runId)) continue;
      await this.#refuseUnderHold();
      if (await deleteRun(this.#temporal, run)) this.#deleted.add(run.runId);
    }
  }

  async #refuseUnderHold(): Promise<void> {
    if (await this.#holds.isSet(this.#reference))
      throw new OnboardingError('LegalHold', 'a legal hold is set on this reference');
  }

  #erased(): Erased {
    return { runs: this.#deleted.size, appRegistrationIds: [...this.#appRegistrationIds] };
  }

  /** What was deleted before the failure is named by nothing else any more. */
  #unfinished(error: OnboardingError): OnboardingError {
    const message = error.type === 'TimedOut' ? 'not everything was seen to be gone in time' : error.message;
    return new OnboardingError(error.type, message, { cause: error, erased: this.#erased() });
  }
}
