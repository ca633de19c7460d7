import { createHash } from 'node:crypto';
import { Reference } from '../domain/ids.js';
import { decodeCustomer, type OnboardingRequest, type OnboardingRequestInput } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { argumentOrThrow, readArgument } from './arguments.js';

/**
 * A customer: the caller's reference or, for an onboarding that was started without one, its project, flow and contact.
 */
export type Customer = string | Pick<OnboardingRequestInput, 'project' | 'projectFlow' | 'contact'>;

/** Derives the reference of a customer without one: a hash of the project, the flow and the contact keys. */
const referenceOfContact = (
  { project, projectFlow }: Pick<OnboardingRequest, 'project' | 'projectFlow'>,
  contactKeys: readonly string[],
): string => {
  const digest = createHash('sha256')
    .update([project, projectFlow, ...contactKeys].join('\n'))
    .digest('base64url');
  return `contact-${digest}`;
};

/**
 * Returns the customer's reference, or the one that is derived from the contact.
 *
 * @throws OnboardingError `InvalidRequest` if the customer is invalid.
 */
export const referenceOf = (customer: Customer, contactKeys: ContactKeys): string => {
  if (typeof customer === 'string') return readArgument('reference', Reference, customer);
  const decoded = argumentOrThrow('customer', decodeCustomer(customer));
  return referenceOfContact(decoded, contactKeys(decoded.contact));
};
