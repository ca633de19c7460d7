import { patched, upsertMemo } from '@temporalio/workflow';
import type { CarriedState, OnboardingInput, OnboardingResult } from '../../../contract/messages.js';
import { onboarding as today } from '../../../workflows/onboarding/onboarding.js';

// A later build, whose onboarding workflow has one more command, guarded by `patched`.
export * from '../../../workflows/index.js';

export async function onboarding(input: OnboardingInput, carried?: CarriedState): Promise<OnboardingResult> {
  if (patched('next-build')) upsertMemo({ build: 'next' });
  return today(input, carried);
}
