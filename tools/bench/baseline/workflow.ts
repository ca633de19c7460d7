import {
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { BaselineActivities } from './worker.js';

/** Answers the caller of the start, like the update `registration` of the onboarding. */
export const answerUpdate = defineUpdate<string>('answer');

export const doneSignal = defineSignal('done');

/** One for each check of an onboarding. */
export const SIGNALS = 4;

const { nothing } = proxyActivities<BaselineActivities>({ startToCloseTimeout: '10s' });

/** A minimal workflow with an update, one activity and four signals. */
export async function baseline(): Promise<string> {
  let answer: string | undefined;
  let signals = 0;
  setHandler(answerUpdate, async () => {
    await condition(() => answer !== undefined);
    if (answer === undefined) throw ApplicationFailure.nonRetryable('the answer is missing');
    return answer;
  });
  setHandler(doneSignal, () => {
    signals += 1;
  });
  answer = await nothing();
  await condition(() => signals === SIGNALS);
  return answer;
}
