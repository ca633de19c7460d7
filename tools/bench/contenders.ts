import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import type { OnboardingClient, OnboardingRequestInput } from '../../client/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS } from '../../shared/time.js';
import { answerUpdate, doneSignal, floor, SIGNALS } from './floor/workflow.js';

/** One of what is measured, after its caller has had their answer. */
export interface Running {
  readonly workflowId: string;
  /** Sends the four signals, one after the other, each so many ms after the former. */
  signal(betweenMs?: number): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<void>;
}

/** What is measured beside another: the onboarding, or the floor under it. */
export interface Contender {
  readonly name: 'onboarding' | 'floor';
  /** The process of its worker. */
  readonly workerPid: () => number;
  /** Starts one, and answers when its caller has an answer. */
  start(): Promise<Running>;
}

/** Long ago Verifik was asked for the last time, and it will be long until it is again: as it is with most that are open. */
const OPEN_FOR_DAYS = { reconcile: { firstMs: 6 * HOUR_MS, maxMs: 6 * HOUR_MS } };

/** Starts an onboarding that stays open: its applicant does nothing. */
export const openOnboarding = async (client: OnboardingClient, vendor: Vendor): Promise<Pick<Running, 'workflowId'>> =>
  client.start({ ...requestTo(vendor), policy: OPEN_FOR_DAYS }, { reference: randomUUID() });

/** Takes one that is open to its end. */
export const finish = async (running: Running, betweenSignalsMs?: number): Promise<void> => {
  await running.signal(betweenSignalsMs);
  await running.ended();
};

/** Starts one and takes it all the way. */
export const goThrough = async (contender: Contender): Promise<void> => finish(await contender.start());

const FOUR = Array.from({ length: SIGNALS });

const oneAfterTheOther = async <A>(
  all: readonly A[],
  betweenMs: number | undefined,
  send: (one: A) => Promise<void>,
): Promise<void> => {
  for (const one of all) {
    if (betweenMs !== undefined) await pause(betweenMs);
    await send(one);
  }
};

let people = 0;

/** Somebody new each time. Nothing of them is anybody's. */
export const somebody = (): { readonly email: string; readonly phone: string; readonly countryCode: string } => {
  people += 1;
  const number = String(people).padStart(7, '0');
  return { email: `applicant-${number}@mail.example`, phone: `300${number}`, countryCode: '+57' };
};

export interface Vendor {
  readonly project: string;
  readonly projectFlow: string;
}

export const requestTo = ({ project, projectFlow }: Vendor): OnboardingRequestInput => ({
  project,
  projectFlow,
  contact: somebody(),
  fullName: 'Somebody New',
});

/** Onboardings as a backend starts them: encrypted, with search attributes, and confirmed by a read at the vendor. */
export const onboardings = (client: OnboardingClient, vendor: Vendor, workerPid: () => number): Contender => ({
  name: 'onboarding',
  workerPid,
  start: async () => {
    const { workflowId } = await client.start(requestTo(vendor), { reference: randomUUID() });
    return {
      workflowId,
      signal: (betweenMs) =>
        oneAfterTheOther(CHECK_NAMES, betweenMs, (check) =>
          client.signalValidation(workflowId, check, { status: 'validated' }),
        ),
      ended: async () => {
        const { outcome } = await client.result(workflowId);
        if (outcome !== 'verified') throw new Error(`an onboarding was ${outcome}`);
      },
    };
  },
});

/** The bare workflow. */
export const floors = (temporal: Client, taskQueue: string, workerPid: () => number): Contender => ({
  name: 'floor',
  workerPid,
  start: async () => {
    const workflowId = `floor-${randomUUID()}`;
    const startWorkflowOperation = new WithStartWorkflowOperation(floor, {
      workflowId,
      taskQueue,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    });
    await temporal.workflow.executeUpdateWithStart(answerUpdate, { startWorkflowOperation });
    const handle = temporal.workflow.getHandle(workflowId);
    return {
      workflowId,
      signal: (betweenMs) => oneAfterTheOther(FOUR, betweenMs, () => handle.signal(doneSignal)),
      ended: async () => {
        await handle.result();
      },
    };
  },
});
