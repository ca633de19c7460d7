import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import pMap from 'p-map';
import type { OnboardingClient, OnboardingRequestInput } from '../../client/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS } from '../../shared/time.js';
import type { SandboxProcess } from '../processes/sandbox-process.js';
import { answerUpdate, baseline, doneSignal, SIGNALS } from './baseline/workflow.js';

/** A workflow execution whose start has been answered. */
export interface Running {
  readonly workflowId: string;
  /** Sends one signal. */
  signal(): Promise<void>;
  /** Sends the four signals one after the other, with a pause before each, and waits for the end. */
  finish(betweenSignalsMs?: number): Promise<void>;
}

/** A workflow to measure: the onboarding, or the minimal workflow that it is compared with. */
export interface Candidate {
  readonly name: 'onboarding' | 'baseline';
  readonly workerPid: () => number;
  /** Starts an execution, and resolves when the caller has the answer. */
  start(): Promise<Running>;
}

/** Like most open onboardings, these read Verifik rarely. */
const RARE_READS = { reconcile: { firstMs: 6 * HOUR_MS, maxMs: 6 * HOUR_MS } };

const OPENING_CONCURRENCY = 50;

/**
 * Opens onboardings whose applicants wait, and returns their workflow ids. Afterwards applicants pass at once again.
 */
export const openMore = async (
  { client, sandbox }: { readonly client: OnboardingClient; readonly sandbox: SandboxProcess },
  count: number,
): Promise<readonly string[]> => {
  const openOne = () => client.start({ ...requestTo(sandbox), policy: RARE_READS }, { reference: randomUUID() });
  await sandbox.control.settings({ applicants: 'wait' });
  try {
    const open = await pMap(Array.from({ length: count }), openOne, { concurrency: OPENING_CONCURRENCY });
    return open.map(({ workflowId }) => workflowId);
  } finally {
    await sandbox.control.settings({ applicants: 'atOnce' });
  }
};

/** Starts an execution, and runs it to its end. */
export const goThrough = async (candidate: Candidate, betweenSignalsMs?: number): Promise<void> =>
  (await candidate.start()).finish(betweenSignalsMs);

const sendInTurn = async <A>(
  signals: readonly A[],
  betweenMs: number | undefined,
  send: (signal: A) => Promise<void>,
): Promise<void> => {
  for (const signal of signals) {
    if (betweenMs !== undefined) await pause(betweenMs);
    await send(signal);
  }
};

let applicants = 0;

type Vendor = Pick<SandboxProcess, 'project' | 'projectFlow'>;

/** Returns the request of a new fictitious applicant. */
export const requestTo = ({ project, projectFlow }: Vendor): OnboardingRequestInput => {
  applicants += 1;
  const number = String(applicants).padStart(7, '0');
  const contact = { email: `applicant-${number}@mail.example`, phone: `300${number}`, countryCode: '+57' };
  return { project, projectFlow, contact, fullName: 'Applicant Example' };
};

/** The onboarding as a backend starts it: encrypted, with search attributes, and confirmed by a read of Verifik. */
export const onboardingCandidate = (client: OnboardingClient, vendor: Vendor, workerPid: () => number): Candidate => ({
  name: 'onboarding',
  workerPid,
  start: async () => {
    const { workflowId } = await client.start(requestTo(vendor), { reference: randomUUID() });
    return {
      workflowId,
      signal: () => client.signalValidation(workflowId, 'email', { status: 'validated' }),
      finish: async (betweenMs) => {
        await sendInTurn(CHECK_NAMES, betweenMs, (check) =>
          client.signalValidation(workflowId, check, { status: 'validated' }),
        );
        const { outcome } = await client.result(workflowId);
        if (outcome !== 'verified') throw new Error(`an onboarding ended as ${outcome} instead of verified`);
      },
    };
  },
});

export const baselineCandidate = (temporal: Client, taskQueue: string, workerPid: () => number): Candidate => ({
  name: 'baseline',
  workerPid,
  start: async () => {
    const workflowId = `baseline-${randomUUID()}`;
    const startWorkflowOperation = new WithStartWorkflowOperation(baseline, {
      workflowId,
      taskQueue,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    });
    await temporal.workflow.executeUpdateWithStart(answerUpdate, { startWorkflowOperation });
    const handle = temporal.workflow.getHandle(workflowId);
    return {
      workflowId,
      signal: () => handle.signal(doneSignal),
      finish: async (betweenMs) => {
        await sendInTurn(Array.from({ length: SIGNALS }), betweenMs, () => handle.signal(doneSignal));
        await handle.result();
      },
    };
  },
});
