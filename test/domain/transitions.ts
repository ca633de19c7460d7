import { type CheckName, perCheck } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import { evolve } from '../../domain/evolve.js';
import type { Policy } from '../../domain/policy/policy.js';
import { initialState, type State } from '../../domain/state.js';
import type { Transition, TransitionOf } from '../../domain/transitions.js';
import type { CheckResult, RegistrationStatus, VendorCheck } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { HOUR_MS } from '../../shared/time.js';
import { CONTACT, policyWith } from './driver.js';

export const TOKEN = { token: 'secret-token', expiresAt: 2 * HOUR_MS };

const ID = 'first';

export const registered = (at: number, appRegistrationId = ID): Transition => ({
  type: 'Registered',
  at,
  appRegistrationId,
  token: TOKEN,
});

export const resumed = (at: number, appRegistrationId = ID, recheck?: boolean): Transition => ({
  ...{ type: 'RegistrationResumed', at, appRegistrationId, token: TOKEN },
  ...defined({ recheck }),
});

export const reRegistrationRequested = (at: number, contact?: Contact): Transition => ({
  type: 'ReRegistrationRequested',
  at,
  ...defined({ contact }),
});

export const validationReported = (
  at: number,
  check: CheckName,
  result: CheckResult,
  validationId?: string,
): Transition => ({ type: 'ValidationReported', at, check, result, ...defined({ validationId }) });

/** A read of a registration with these checks. */
export const read = (
  at: number,
  checks: Partial<Record<CheckName, VendorCheck>>,
  status: RegistrationStatus = 'inProgress',
  { appRegistrationId = ID, upToSerial = 0 } = {},
): TransitionOf<'VendorRead'> => ({
  type: 'VendorRead',
  at,
  upToSerial,
  vendorRegistration: { appRegistrationId, status, checks, comparison: 'match' },
});

/** All checks with this result, each with a validation id such as `email-1`. */
export const everyCheck = (result: CheckResult): Record<CheckName, VendorCheck> =>
  perCheck((name) => ({ result, validationId: `${name}-1` }));

export const stateWith = (policy: Partial<Policy>, ...transitions: readonly Transition[]): State =>
  transitions.reduce(evolve, initialState({ policy: policyWith(policy), contact: CONTACT }, 0));

export const stateAfter = (...transitions: readonly Transition[]): State => stateWith({}, ...transitions);
