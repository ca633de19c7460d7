// The typed client of Verifik's API. Paths and status words of Verifik appear in this folder only.
import type { VerifikClient } from './api.js';
import { createCalls, type VerifikClientConfig } from './calls.js';
import { registrationCalls } from './registration-calls.js';

export {
  type Account,
  type Accounts,
  openAccounts,
  UnknownProjectError,
  type VerifikAccounts,
  withClients,
} from './accounts.js';
export type { Call, CallOptions, VerifikCall, VerifikClient } from './api.js';
export type { VerifikClientConfig } from './calls.js';
export type { VerifikError } from './errors.js';
export type { AppRegistrationListItem, AppRegistrationPage } from './list-answer.js';
export type { CreatedRegistration, ResentLink } from './registration-answers.js';
export type { TokenSource } from './session.js';

/**
 * Creates a client of Verifik's API over HTTP. Sends nothing before the first call.
 *
 * @throws TypeError if the configuration is invalid, naming the field.
 */
export const createVerifikClient = (config: VerifikClientConfig): VerifikClient =>
  registrationCalls(createCalls(config));
