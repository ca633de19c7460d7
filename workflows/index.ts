/** Every workflow that the worker's bundle holds. */
export { onboarding } from './onboarding.js';
