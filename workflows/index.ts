/** Every workflow that the worker's bundle holds. */
export { legalHold } from './legal-hold.js';
export { onboarding } from './onboarding.js';
