import { condition, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { CarriedState, OnboardingInput, OnboardingResult } from '../../../contract/messages.js';
import { onboarding as today } from '../../../workflows/onboarding/onboarding.js';

// A build with a change that lacks `patched`: it adds a command to the first workflow task that it executes, which no
// other build can replay.
export * from '../../../workflows/index.js';

const isLive = (): boolean => !workflowInfo().unsafe.isReplaying;

export async function onboarding(input: OnboardingInput, carried?: CarriedState): Promise<OnboardingResult> {
  void condition(isLive).then(() => upsertMemo({ build: 'bad' }));
  return today(input, carried);
}
