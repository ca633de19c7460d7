import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type { SigningKeys } from '../codec/evidence/signing-keys.js';
import type {
  CallbackActivities,
  HandOverActivities,
  OnboardingActivities,
  ReportActivities,
  VendorErasureActivities,
} from '../contract/activities.js';
import type { BatchActivities } from '../contract/revalidation-activities.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import type { VerifikAccounts } from '../verifik/index.js';
import { evidenceAttachment } from './callbacks/attach-evidence.js';
import { eventDelivery } from './callbacks/deliver-event.js';
import type { CallbackEndpoints } from './callbacks/endpoints.js';
import { handOverEvents } from './callbacks/hand-over.js';
import { deliverReports } from './deliver-reports.js';
import { keptAlive } from './keep-alive.js';
import type { PoliciesFile } from './policies-file.js';
import { type BatchDependencies, createBatchActivities } from './revalidation/index.js';
import { verifikOf } from './vendor/account.js';
import { registrationCreation } from './vendor/create-app-registration.js';
import { vendorErasureActivities } from './vendor/erasure.js';
import { registrationReading } from './vendor/read-app-registration.js';
import { mintToken, remind } from './vendor/tokens.js';
import { callOptions, fail, isRefusal } from './vendor/vendor-call.js';

/** The services that the activities use. */
export interface Dependencies {
  readonly accounts: VerifikAccounts;
  /** A client for the worker's namespace, with the same data converter. */
  readonly temporal: Client;
  readonly callbacks: CallbackEndpoints;
  readonly policies: PoliciesFile;
  /** The keys that sign the evidence of callbacks. */
  readonly signingKeys?: SigningKeys;
  /**
   * Makes the keys by which webhooks find an onboarding whose starter had none, or whose contact Verifik changed.
   */
  readonly contactKeys?: ContactKeys;
  readonly batches: Omit<BatchDependencies, 'accounts' | 'temporal' | 'contactKeys'>;
}

/** The activities of all workflows. */
export type Activities = OnboardingActivities &
  HandOverActivities &
  CallbackActivities &
  ReportActivities &
  VendorErasureActivities &
  BatchActivities;

/** Creates the activities of all workflows. */
export const createActivities = ({
  accounts,
  temporal,
  callbacks,
  policies,
  signingKeys,
  contactKeys,
  batches,
}: Dependencies): Activities => ({
  ...createBatchActivities({ accounts, temporal, ...defined({ contactKeys }), ...batches }),

  handOverEvents: (input) => handOverEvents(temporal, input),

  deliverEvent: eventDelivery({ endpoints: callbacks, attachEvidence: evidenceAttachment(temporal, signingKeys) }),

  deliverReports: (input) => deliverReports(temporal, input),

  ...vendorErasureActivities(accounts),

  createAppRegistration: keptAlive(registrationCreation(accounts, policies, contactKeys)),

  renewRegistrationToken: keptAlive(async ({ project, appRegistrationId }) =>
    mintToken(await verifikOf(accounts, project), appRegistrationId),
  ),

  remindApplicant: keptAlive(async ({ project, appRegistrationId }) =>
    remind(await verifikOf(accounts, project), appRegistrationId),
  ),

  readAppRegistration: keptAlive(registrationReading(accounts, contactKeys)),

  overrideAppRegistration: keptAlive(async ({ project, appRegistrationId, ...request }) => {
    const verifik = await verifikOf(accounts, project);
    const overridden = await verifik.overrideAppRegistration(appRegistrationId, request, callOptions())();
    if (E.isRight(overridden)) return { kind: 'overridden' };
    return isRefusal(overridden.left) ? { kind: 'refused', problem: overridden.left.message } : fail(overridden.left);
  }),

  completeAppRegistration: keptAlive(async ({ project, appRegistrationId, token, as }) => {
    const verifik = await verifikOf(accounts, project);
    const step = as === 'completed' ? 'end' : 'skipKYC';
    const synced = await verifik.syncAppRegistration(appRegistrationId, { token, step }, callOptions())();
    if (E.isRight(synced)) return { type: 'Finalised', status: synced.right.status };
    switch (synced.left.type) {
      case 'NotFound':
        return { type: 'RegistrationNotFound' };
      // The call is authenticated by the applicant's token, not by the client's.
      case 'Credentials':
        return { type: 'TokenExpired' };
      case 'RegistrationClosed':
      case 'AttemptFailed':
      case 'InvalidRequest':
        return { type: 'FinaliseRejected', problem: synced.left.message };
      // This generation of the API leaves it to the hosted page.
      case 'NotSupported':
        return { type: 'Finalised', status: 'unknown' };
      default:
        return fail(synced.left);
    }
  }),
});
