import { createHash } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { Reference } from '../domain/ids.js';
import { decodeCustomer, type OnboardingRequest, type OnboardingRequestInput } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { decodeFields, type FieldError } from '../shared/decoding.js';

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

/** Returns the customer's reference, or the one that is derived from the contact. */
export const referenceOf = (customer: Customer, contactKeys: ContactKeys): E.Either<readonly FieldError[], string> =>
  typeof customer === 'string'
    ? pipe(
        decodeFields(t.type({ reference: Reference }))({ reference: customer }),
        E.map(({ reference }) => reference),
      )
    : pipe(
        decodeCustomer(customer),
        E.map((decoded) => referenceOfContact(decoded, contactKeys(decoded.contact))),
      );
