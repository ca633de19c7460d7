import * as t from 'io-ts';
import { referenceBeside } from '../domain/contact.js';
import { Reference } from '../domain/ids.js';
import { decodeSpelling, type OnboardingRequestInput, withDefaultPolicy } from '../domain/request.js';
import { decodeFields } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { orThrow } from './failures.js';
import type { Callbacks, OnboardingInput } from './messages.js';
import { startOptions } from './start-options.js';
import { workflowIdOfReference } from './workflow-id.js';

export interface ChildOptions {
  /** Your own opaque reference for the customer. A customer has one onboarding at a time. Never personal data. */
  readonly reference: string;
  /** The task queue of the onboarding workers. Default: that of the parent. */
  readonly taskQueue?: string;
  /** The endpoint that receives the onboarding's events. Default: none. */
  readonly callbacks?: Pick<Callbacks, 'endpoint'> & Partial<Callbacks>;
}

/**
 * Returns the options with which a workflow of your own runs an onboarding as its child:
 *
 *     const result = await executeChild<OnboardingWorkflow>('onboarding', childOnboarding(request, { reference }));
 *
 * Backends find the child by its reference, and get its token by `OnboardingClient.registration`.
 *
 * @throws ApplicationFailure `InvalidRequest`, non-retryable, naming each invalid field.
 */
export const childOnboarding = (request: OnboardingRequestInput, { reference, taskQueue, callbacks }: ChildOptions) => {
  orThrow(decodeFields(t.type({ reference: Reference }))({ reference }));
  const asked = orThrow(decodeSpelling(request));
  orThrow(referenceBeside(asked.contact, reference));
  const workflowId = workflowIdOfReference(reference);
  const input: OnboardingInput = {
    request: asked,
    reference,
    ...defined({ callbacks: callbacks && { id: workflowId, ...callbacks } }),
  };
  return { ...startOptions(orThrow(withDefaultPolicy(asked)), input), workflowId, ...defined({ taskQueue }) };
};
