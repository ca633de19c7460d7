import { WithStartWorkflowOperation, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import {
  eraseRegistrationUpdate,
  type NotedRegistration,
  noteRegistrationsUpdate,
  VENDOR_ERASURE_WORKFLOW,
  workflowIdOfVendorErasure,
} from '../../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { ErasedAtVerifik } from '../../domain/vendor-erasure.js';
import type { Calls } from '../calls/calls.js';
import { update } from '../calls/retries.js';
import { findRun } from '../calls/runs.js';

type VendorErasureWorkflow = () => Promise<void>;

/** The deletion of a customer's data at Verifik, in a workflow: only workers have the credentials. */
export class VendorErasure {
  readonly #calls: Calls;
  readonly #reference: string;
  readonly #workflowId: string;

  constructor(calls: Calls, reference: string) {
    this.#calls = calls;
    this.#reference = reference;
    this.#workflowId = workflowIdOfVendorErasure(reference);
  }

  /** True if an earlier erasure has noted registrations, and has not finished. */
  async isPending(): Promise<boolean> {
    const found = await findRun(this.#calls.temporal, { workflowId: this.#workflowId });
    return found !== undefined && found.closeTime === undefined;
  }

  /** Notes registrations before Temporal forgets them. Returns them with those that earlier erasures have noted. */
  note(registrations: readonly NotedRegistration[]): Promise<readonly string[]> {
    const { temporal, taskQueue } = this.#calls;
    return update(() =>
      temporal.workflow.executeUpdateWithStart(noteRegistrationsUpdate, {
        startWorkflowOperation: new WithStartWorkflowOperation<VendorErasureWorkflow>(VENDOR_ERASURE_WORKFLOW, {
          workflowId: this.#workflowId,
          taskQueue,
          args: [],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          staticSummary: "Deletes a customer's data at Verifik",
          typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: this.#reference }],
        }),
        args: [registrations],
      }),
    );
  }

  /** Deletes a registration and what belongs to it. */
  erase(appRegistrationId: string): Promise<ErasedAtVerifik> {
    const handle = this.#calls.temporal.workflow.getHandle<VendorErasureWorkflow>(this.#workflowId);
    return update(() => handle.executeUpdate(eraseRegistrationUpdate, { args: [{ appRegistrationId }] }));
  }
}
