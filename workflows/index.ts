/** Every workflow that the worker's bundle holds. */

export { callbacks } from './callbacks/callbacks.js';
export { idempotencyKey } from './idempotency-key.js';
export { legalHold } from './legal-hold.js';
export { onboarding } from './onboarding/onboarding.js';
export { pendingReports } from './pending-reports/pending-reports.js';
export { revalidation } from './revalidation/revalidation.js';
export { validity } from './validity.js';
export { vendorErasure } from './vendor-erasure.js';
