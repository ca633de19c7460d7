import type { VerifikClient } from './api.js';
import { createCalls, type VerifikClientConfig } from './calls.js';
import { registrationCalls } from './registration-calls.js';
import { validationCalls } from './validation-calls.js';

/**
 * Verifik's API over HTTP. Nothing is sent before the first call.
 *
 * @throws TypeError when the configuration is wrong, naming the field.
 */
export const createVerifikClient = (config: VerifikClientConfig): VerifikClient => {
  const calls = createCalls(config);
  return { ...registrationCalls(calls), ...validationCalls(calls), close: calls.close };
};
