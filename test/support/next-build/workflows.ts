import { patched, upsertMemo } from '@temporalio/workflow';
import type { CarriedState, OnboardingInput, OnboardingResult } from '../../../contract/messages.js';
import { onboarding as today } from '../../../workflows/onboarding/onboarding.js';

// The workflows of a build to come. Its onboarding has one more command in its history, behind a patch, as every change has to be.
export * from '../../../workflows/index.js';

export async function onboarding(input: OnboardingInput, carried?: CarriedState): Promise<OnboardingResult> {
  if (patched('next-build')) upsertMemo({ build: 'next' });
  return today(input, carried);
}
