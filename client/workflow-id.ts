import { createHash } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { decodeCustomer, type OnboardingRequest, type OnboardingRequestInput, Reference } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { decodeFields, type FieldError } from '../shared/decoding.js';

/** A customer as the caller's reference names them or, for an onboarding that was started without one, by what it was started with. */
export type Customer = string | Pick<OnboardingRequestInput, 'project' | 'projectFlow' | 'contact'>;

const decodeReference = (reference: string): E.Either<readonly FieldError[], string> =>
  E.mapLeft(([error]: readonly FieldError[]) => [{ field: 'reference', expected: error?.expected ?? 'a reference' }])(
    decodeFields(Reference)(reference),
  );

/** The id of the workflow that onboards the customer of a reference that has been read. */
export const workflowIdOfReference = (reference: string): string => `onboarding-${reference}`;

/** What stands for the reference where there is none: project, flow and contact, the contact by its keyed hashes only. */
const referenceOfContact = (
  { project, projectFlow }: Pick<OnboardingRequest, 'project' | 'projectFlow'>,
  contactKeys: readonly string[],
): string => {
  const digest = createHash('sha256')
    .update([project, projectFlow, ...contactKeys].join('\n'))
    .digest('base64url');
  return `contact-${digest}`;
};

/** The reference of a customer, or what stands for it. */
export const referenceOf = (customer: Customer, contactKeys: ContactKeys): E.Either<readonly FieldError[], string> =>
  typeof customer === 'string'
    ? decodeReference(customer)
    : pipe(
        decodeCustomer(customer),
        E.map((read) => referenceOfContact(read, contactKeys(read.contact))),
      );
