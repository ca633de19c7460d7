import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type {
  CallbackActivities,
  HandOverActivities,
  OnboardingActivities,
  ReportActivities,
} from '../contract/activities.js';
import type { BatchActivities } from '../contract/revalidation-activities.js';
import type { VerifikClient } from '../verifik/index.js';
import { eventDelivery } from './callbacks/deliver-event.js';
import type { CallbackEndpoints } from './callbacks/endpoints.js';
import { handOverEvents } from './callbacks/hand-over.js';
import { deliverReports } from './deliver-reports.js';
import { type BatchDependencies, createBatchActivities } from './revalidation/index.js';
import { createAppRegistration } from './vendor/create-app-registration.js';
import { mintToken } from './vendor/tokens.js';
import { callOptions, fail } from './vendor/vendor-call.js';

/** What the activities work with. */
export interface Dependencies {
  readonly verifik: VerifikClient;
  /** The Temporal that the worker serves, with its payloads encrypted. */
  readonly temporal: Client;
  /** Where events are sent. */
  readonly callbacks: CallbackEndpoints;
  /** Where batches read from and write to, and what they may ask of the vendor. */
  readonly batches: Omit<BatchDependencies, 'verifik' | 'temporal'>;
}

/** All that the worker's workflows ask of the outside world. */
export type Activities = OnboardingActivities &
  HandOverActivities &
  CallbackActivities &
  ReportActivities &
  BatchActivities;

/** The side effects of an onboarding, over Verifik's API, and of telling what becomes of it. */
export const createActivities = ({ verifik, temporal, callbacks, batches }: Dependencies): Activities => ({
  ...createBatchActivities({ verifik, temporal, ...batches }),

  handOverEvents: (input) => handOverEvents(temporal, input),

  deliverEvent: eventDelivery(callbacks),

  deliverReports: (input) => deliverReports(temporal, input),

  createAppRegistration: (input) => createAppRegistration(verifik, input),

  renewRegistrationToken: ({ appRegistrationId }) => mintToken(verifik, appRegistrationId, { sendEmail: false }),

  remindApplicant: ({ appRegistrationId }) => mintToken(verifik, appRegistrationId, { sendEmail: true }),

  async readAppRegistration({ appRegistrationId }) {
    const read = await verifik.getAppRegistration(appRegistrationId, callOptions())();
    if (E.isRight(read)) return { kind: 'read', reading: read.right };
    return read.left.type === 'Gone' ? { kind: 'gone' } : fail(read.left);
  },

  async completeAppRegistration({ appRegistrationId, token, as }) {
    const step = as === 'completed' ? 'end' : 'skipKYC';
    const synced = await verifik.syncAppRegistration(appRegistrationId, { token, step }, callOptions())();
    if (E.isRight(synced)) return { kind: 'standing', standing: synced.right.standing };
    switch (synced.left.type) {
      case 'Gone':
        return { kind: 'gone' };
      // The call carries the applicant's token: it is that one, not the client's, that the vendor refuses.
      case 'Credentials':
        return { kind: 'tokenExpired' };
      case 'RegistrationOver':
      case 'AttemptFailed':
      case 'InvalidRequest':
      case 'NotOffered':
        return { kind: 'standing', standing: 'unknown' };
      default:
        return fail(synced.left);
    }
  },
});
