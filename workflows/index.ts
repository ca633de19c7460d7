/** Every workflow that the worker's bundle holds. */
export { revalidation } from './batch/revalidation.js';
export { callbacks } from './callbacks.js';
export { idempotencyKey } from './idempotency-key.js';
export { legalHold } from './legal-hold.js';
export { onboarding } from './onboarding.js';
export { parkedReports } from './parked-reports.js';
