/** Verifik's API, typed. Nothing else in the project knows a path or a status word of the vendor. */
export type { AppRegistrationListItem, AppRegistrationPage, CreatedRegistration, TokenAnswer } from './answers.js';
export type { Call, VerifikCall, VerifikClient } from './api.js';
export { createVerifikClient, type VerifikClientConfig } from './client.js';
export type { VerifikError } from './errors.js';
export type { TokenSource } from './session.js';
export type { CallOptions } from './transport.js';
