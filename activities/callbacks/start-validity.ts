import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { HandOverActivities } from '../../contract/activities.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { VALIDITY_WORKFLOW, type Validity, verifiedSignal, workflowIdOfValidity } from '../../contract/validity.js';
import { defined } from '../../shared/defined.js';

type HandOver = Parameters<HandOverActivities['handOverEvents']>[0];

/** Returns the validity to announce, if these events are the last of an onboarding whose policy asks for it. */
const validityIn = ({ events, ...onboarding }: HandOver): Validity | undefined => {
  const ended = events.find((event) => event.type === 'onboarding.ended');
  const { validUntil, policy } = ended?.decision ?? {};
  const noticeMs = policy?.validityNoticeMs;
  if (ended === undefined || validUntil === undefined || noticeMs === undefined) return undefined;
  const { workflowId, reference, callbacks, onboardingRunId } = onboarding;
  const { sequence } = ended;
  return { workflowId, callbacks, onboardingRunId, validUntil, noticeMs, sequence, ...defined({ reference }) };
};

/**
 * Signals a validity that is to be announced to the customer's `validity` workflow, and starts it if it is not running.
 * The activity that hands over the last events does this, so that it costs the onboarding no event in its history.
 */
export const startValidity = async (temporal: Client, input: HandOver): Promise<void> => {
  const validity = validityIn(input);
  if (validity === undefined) return;
  const { workflowId, reference } = validity;
  await temporal.workflow.signalWithStart(VALIDITY_WORKFLOW, {
    workflowId: workflowIdOfValidity(workflowId, reference),
    taskQueue: activityInfo().taskQueue,
    args: [],
    signal: verifiedSignal,
    signalArgs: [validity],
    staticSummary: "Announces the end of a verified outcome's validity",
    typedSearchAttributes: reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
  });
};
