/** A workflow of your own that opens an account once the customer has been onboarded at Verifik. */
import { executeChild, proxyActivities } from '@temporalio/workflow';
import {
  childOnboarding,
  ONBOARDING_WORKFLOW,
  type OnboardingRequestInput,
  type OnboardingWorkflow,
} from 'verifik-onboarding/contract';
import type { Accounts } from './accounts.js';

export * from 'verifik-onboarding/workflows';

export interface Application {
  /** The customer's id in your own system. It finds the onboarding, whose token the customer's device needs. */
  readonly customer: string;
  readonly request: OnboardingRequestInput;
}

export type Answer = { readonly account: string; readonly validUntil?: number } | { readonly declined: string };

const { openAccount, decline } = proxyActivities<Accounts>({
  startToCloseTimeout: '10 seconds',
  retry: { maximumInterval: '1 minute' },
});

export async function applyForAccount({ customer, request }: Application): Promise<Answer> {
  // An invalid request fails this workflow, and names the wrong fields.
  const { outcome, sentence, appRegistrationId, validUntil } = await executeChild<OnboardingWorkflow>(
    ONBOARDING_WORKFLOW,
    childOnboarding(request, { reference: customer }),
  );
  if (outcome !== 'verified' || appRegistrationId === undefined) {
    await decline({ customer, sentence });
    return { declined: sentence };
  }
  const account = await openAccount({ customer, appRegistrationId });
  return validUntil === undefined ? { account } : { account, validUntil };
}
