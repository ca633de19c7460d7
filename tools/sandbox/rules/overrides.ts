import { viewRegistrationEvent } from '../answers/views.js';
import { isClosed } from '../answers/words.js';
import type { ManualReview, Registration } from '../model.js';
import type { SandboxState } from '../state.js';

/** Sets the status of a registration, and the time of its end. */
export const moveTo = (state: SandboxState, registration: Registration, status: string): void => {
  registration.status = status;
  registration.updatedAt = state.now();
  if (isClosed(status)) registration.completedAt = state.now();
  else delete registration.completedAt;
};

/** Sends the webhook of the registration's status. */
export const announceStatus = (state: SandboxState, registration: Registration): void =>
  state.webhooks.send(
    `app_registration_${registration.status.toLowerCase()}`,
    viewRegistrationEvent(state, registration),
    registration._id,
  );

/** Sets the status by a person's decision, in any status, and records it in the registration's log of reviews. */
export const override = (
  state: SandboxState,
  registration: Registration,
  {
    status,
    note,
    by,
  }: { readonly status: string; readonly note?: string | undefined; readonly by: ManualReview['by'] },
): void => {
  const review = { previousStatus: registration.status, newStatus: status, by, at: state.now() };
  const reviews = registration.manualReviews ?? [];
  registration.manualReviews = [...reviews, note === undefined ? review : { ...review, note }];
  moveTo(state, registration, status);
  announceStatus(state, registration);
};
