import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import pMap from 'p-map';
import type { OnboardingClient, OnboardingRequestInput } from '../../client/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS } from '../../shared/time.js';
import type { SandboxControl } from '../sandbox/index.js';
import { answerUpdate, baseline, doneSignal, SIGNALS } from './baseline/workflow.js';

/** A workflow execution whose start has been answered. */
export interface Running {
  readonly workflowId: string;
  /** Sends the four signals one after the other, with a pause before each. */
  signal(betweenMs?: number): Promise<void>;
  /** Resolves when the execution has ended. */
  ended(): Promise<void>;
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

/** Starts an onboarding that stays open if the sandbox's applicants wait. */
export const openOnboarding = async (client: OnboardingClient, vendor: Vendor): Promise<Pick<Running, 'workflowId'>> =>
  client.start({ ...requestTo(vendor), policy: RARE_READS }, { reference: randomUUID() });

const OPENING_CONCURRENCY = 50;

/**
 * Opens onboardings whose applicants wait, and returns their workflow ids. Afterwards applicants pass at once again.
 */
export const openMore = async (
  {
    client,
    sandbox,
  }: { readonly client: OnboardingClient; readonly sandbox: Vendor & { readonly control: SandboxControl } },
  count: number,
): Promise<readonly string[]> => {
  await sandbox.control.settings({ applicants: 'wait' });
  try {
    const open = await pMap(Array.from({ length: count }), () => openOnboarding(client, sandbox), {
      concurrency: OPENING_CONCURRENCY,
    });
    return open.map(({ workflowId }) => workflowId);
  } finally {
    await sandbox.control.settings({ applicants: 'atOnce' });
  }
};

/** Sends the signals of an execution, and waits for its end. */
export const finish = async (running: Running, betweenSignalsMs?: number): Promise<void> => {
  await running.signal(betweenSignalsMs);
  await running.ended();
};

/** Starts an execution, and runs it to its end. */
export const goThrough = async (candidate: Candidate): Promise<void> => finish(await candidate.start());

const BASELINE_SIGNALS = Array.from({ length: SIGNALS });

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

/** Returns the contact of a new fictitious applicant. */
export const nextContact = (): { readonly email: string; readonly phone: string; readonly countryCode: string } => {
  applicants += 1;
  const number = String(applicants).padStart(7, '0');
  return { email: `applicant-${number}@mail.example`, phone: `300${number}`, countryCode: '+57' };
};

export interface Vendor {
  readonly project: string;
  readonly projectFlow: string;
}

export const requestTo = ({ project, projectFlow }: Vendor): OnboardingRequestInput => ({
  project,
  projectFlow,
  contact: nextContact(),
  fullName: 'Applicant Example',
});

/** The onboarding as a backend starts it: encrypted, with search attributes, and confirmed by a read of Verifik. */
export const onboardingCandidate = (client: OnboardingClient, vendor: Vendor, workerPid: () => number): Candidate => ({
  name: 'onboarding',
  workerPid,
  start: async () => {
    const { workflowId } = await client.start(requestTo(vendor), { reference: randomUUID() });
    return {
      workflowId,
      signal: (betweenMs) =>
        sendInTurn(CHECK_NAMES, betweenMs, (check) =>
          client.signalValidation(workflowId, check, { status: 'validated' }),
        ),
      ended: async () => {
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
      signal: (betweenMs) => sendInTurn(BASELINE_SIGNALS, betweenMs, () => handle.signal(doneSignal)),
      ended: async () => {
        await handle.result();
      },
    };
  },
});
