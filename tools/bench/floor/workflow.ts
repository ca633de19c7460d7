import {
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { FloorActivities } from './activities.js';

/** Answers the caller who starts the workflow, as `registration` does of the real one. */
export const answerUpdate = defineUpdate<string>('answer');

export const doneSignal = defineSignal('done');

/** As many as an onboarding has checks. */
export const SIGNALS = 4;

const { nothing } = proxyActivities<FloorActivities>({ startToCloseTimeout: '10s' });

/** The least that a workflow with an answer, one activity and four signals can be. */
export async function floor(): Promise<string> {
  let answer: string | undefined;
  let signals = 0;
  setHandler(answerUpdate, async () => {
    await condition(() => answer !== undefined);
    if (answer === undefined) throw ApplicationFailure.nonRetryable('there is no answer');
    return answer;
  });
  setHandler(doneSignal, () => {
    signals += 1;
  });
  answer = await nothing();
  await condition(() => signals === SIGNALS);
  return answer;
}
