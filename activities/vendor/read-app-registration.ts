import * as E from 'fp-ts/lib/Either.js';
import type { OnboardingActivities } from '../../contract/activities.js';
import type { VendorRegistration } from '../../domain/vendor-registration.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { defined } from '../../shared/defined.js';
import type { VerifikAccounts } from '../../verifik/index.js';
import { verifikOf } from './account.js';
import { callOptions, fail } from './vendor-call.js';

/** Returns the part of a read that an onboarding records: the document's date only where a policy needs it. */
const recordedPart = (
  { project: _project, projectFlow: _flow, ...read }: VendorRegistration,
  withExpiry: boolean,
): VendorRegistration => {
  if (withExpiry || read.checks.document === undefined) return read;
  const { expiresAt: _, ...document } = read.checks.document;
  return { ...read, checks: { ...read.checks, document } };
};

/** Creates the activity that reads a registration. Without contact keys, its answer has none. */
export const registrationReading =
  (accounts: VerifikAccounts, contactKeys?: ContactKeys): OnboardingActivities['readAppRegistration'] =>
  async ({ project, appRegistrationId, withExpiry = false }) => {
    const verifik = await verifikOf(accounts, project);
    const read = await verifik.getAppRegistration(appRegistrationId, callOptions())();
    if (E.isLeft(read)) return read.left.type === 'NotFound' ? { type: 'RegistrationNotFound' } : fail(read.left);
    const { contact } = read.right;
    return {
      type: 'VendorRead',
      vendorRegistration: recordedPart(read.right, withExpiry),
      ...defined({ contactKeys: contact && contactKeys?.(contact) }),
    };
  };
