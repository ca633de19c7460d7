import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo, log } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { signEvidence } from '../../codec/evidence/signature.js';
import { EVIDENCE_SETTINGS, type SigningKeys } from '../../codec/evidence/signing-keys.js';
import { evidenceQuery, onboardingOfCallbacks } from '../../contract/messages.js';
import type { Evidence } from '../../domain/evidence/evidence.js';
import { SECOND_MS } from '../../shared/time.js';

/** With the timeout of the request that follows, within that of the activity. */
const QUERIES_WITHIN_MS = 4 * SECOND_MS;

/** With the retry policy of deliveries, ten minutes. */
const MAX_FAILED_ATTEMPTS = 5;

/** Returns the signed evidence of the onboarding whose events the running activity sends, if there is any. */
export type AttachEvidence = (onboardingRunId: string) => Promise<string | undefined>;

/** Reads the evidence of a run. The onboarding may have continued as new, or been started again since. */
const readEvidence = async (temporal: Client, workflowId: string, runId: string): Promise<Evidence | undefined> => {
  for (const run of [runId, undefined]) {
    const { evidence } = await temporal.workflow.getHandle(workflowId, run).query(evidenceQuery, {});
    if (evidence?.onboardingRunId === runId) return evidence;
  }
  return undefined;
};

/** The client's own deadline does not end its repetitions of a request while there is no connection. */
const inTime = <A>(read: () => Promise<A>): Promise<A> => {
  const late = pause(QUERIES_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${QUERIES_WITHIN_MS} ms`);
  });
  return Promise.race([read(), late]);
};

const withoutEvidence = (why: string): undefined => {
  log.warn(`onboarding.ended is sent without evidence: ${why}`);
  return undefined;
};

/** @throws ApplicationFailure so that the delivery is repeated, unless another attempt would not help. */
const onFailure = (error: unknown): undefined => {
  if (error instanceof WorkflowNotFoundError) return withoutEvidence('Temporal no longer has the onboarding');
  if (activityInfo().attempt > MAX_FAILED_ATTEMPTS)
    return withoutEvidence('it could not be read or signed in several attempts');
  throw ApplicationFailure.create({
    type: 'CallbackUndelivered',
    message: 'the evidence could not be read or signed',
    category: ApplicationFailureCategory.BENIGN,
    ...(error instanceof Error ? { cause: error } : {}),
  });
};

/**
 * Creates the function that adds evidence to an event. The event is sent without it, and the log says so, if there are
 * no keys, Temporal no longer has the onboarding, or the evidence cannot be read in several attempts.
 */
export const evidenceAttachment =
  (temporal: Client, keys: SigningKeys | undefined): AttachEvidence =>
  async (onboardingRunId) => {
    if (keys === undefined) return withoutEvidence(`set ${EVIDENCE_SETTINGS.evidenceKeysFile.env}`);
    const workflowId = onboardingOfCallbacks(activityInfo().workflowExecution?.workflowId ?? '');
    try {
      const evidence = await inTime(() => readEvidence(temporal, workflowId, onboardingRunId));
      return evidence === undefined
        ? withoutEvidence('the onboarding was started again')
        : await signEvidence(keys, evidence);
    } catch (error) {
      return onFailure(error);
    }
  };
