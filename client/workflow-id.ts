import { createHash } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { decodeFields, type FieldError, matching } from '../domain/decoding.js';
import type { OnboardingRequest } from '../domain/request.js';

// An address does not fit, on purpose: references are shown unencrypted.
const Reference = matching(
  /^[A-Za-z0-9._:-]{1,200}$/,
  'an opaque reference of 1 to 200 letters, digits and . _ : - (never an email, a phone or a name)',
);

/** The id of the workflow that onboards the customer whom the caller knows by this reference. */
export const workflowIdOf = (reference: string): E.Either<readonly FieldError[], string> =>
  E.bimap(
    ([error]: readonly FieldError[]) => [{ field: 'reference', expected: error?.expected ?? 'a reference' }],
    (read: string) => `onboarding-${read}`,
  )(decodeFields(Reference)(reference));

/** Without a reference, one onboarding per project, flow and contact: the contact by its keyed hashes only. */
export const workflowIdOfContact = (
  { project, projectFlow }: Pick<OnboardingRequest, 'project' | 'projectFlow'>,
  contactKeys: readonly string[],
): string => {
  const digest = createHash('sha256')
    .update([project, projectFlow, ...contactKeys].join('\n'))
    .digest('base64url');
  return `onboarding-contact-${digest}`;
};
