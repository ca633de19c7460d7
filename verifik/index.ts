/** Verifik's API, typed. Nothing else in the project knows a path or a status word of the vendor. */
export type { Call, CallOptions, VerifikCall, VerifikClient } from './api.js';
export type { VerifikClientConfig } from './calls.js';
export { createVerifikClient } from './client.js';
export type { VerifikError } from './errors.js';
export type { AppRegistrationListItem, AppRegistrationPage } from './list-answer.js';
export type { CreatedRegistration, ResentLink, TokenAnswer } from './registration-answers.js';
export type { TokenSource } from './session.js';
