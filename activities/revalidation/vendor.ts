import * as E from 'fp-ts/lib/Either.js';
import { SECOND_MS } from '../../shared/time.js';
import type {
  AppRegistrationListItem,
  AppRegistrationPage,
  Call,
  CallOptions,
  VerifikClient,
  VerifikError,
} from '../../verifik/index.js';
import { toFailure } from '../failures.js';
import { callOptions } from '../vendor/vendor-call.js';
import type { Pace } from './pace.js';

type ListRequest = Parameters<VerifikClient['listAppRegistrations']>[0];

/** The vendor as a batch reads it: at its pace, and patiently. `undefined` where the waiting was ended. */
export interface Vendor {
  /** Waits for the turn of calls that are made elsewhere on behalf of the batch. `false` where the waiting was ended. */
  turn(calls: number): Promise<boolean>;
  list(request: ListRequest): Promise<AppRegistrationPage | undefined>;
  /** One registration; what it comes to where there is no answer is the batch's to count. */
  read(appRegistrationId: string): Promise<E.Either<VerifikError, AppRegistrationListItem> | undefined>;
}

/** How long to be quiet when the vendor is overloaded and does not say for how long. */
const QUIET_MS = 2 * SECOND_MS;

/** One call that fails so often in a row is the activity's to repeat, at a greater distance. */
const TRIES = 10;

/** An activity makes many calls: each has an id of its own, which leads back to the activity's history all the same. */
const numbered = () => {
  let calls = 0;
  return (): CallOptions => {
    const { requestId, ...options } = callOptions();
    calls += 1;
    return { ...options, requestId: `${requestId}-${calls}` };
  };
};

/** How what the vendor said instead of an answer is taken. */
const handlingOf = (error: VerifikError): 'ended' | 'passing' | 'mendable' | 'final' => {
  switch (error.type) {
    case 'Cancelled':
      return 'ended';
    case 'Transient':
      return 'passing';
    case 'ContractBroken':
      // Nothing that could be read at all is no answer of the vendor's: what stands before it has a page for when it is down.
      return error.paths.length === 0 ? 'passing' : 'final';
    // An operator will mend it.
    case 'Credentials':
      return 'mendable';
    default:
      return 'final';
  }
};

/** Asks at the pace. A vendor that cannot answer now slows the pace, and is asked again. */
const patiently = async <A>(
  call: (options: CallOptions) => Call<A>,
  pace: Pace,
  options: () => CallOptions,
): Promise<E.Either<VerifikError, A> | undefined> => {
  for (let tried = 1; ; tried += 1) {
    if (!(await pace.take())) return undefined;
    const answered = await call(options())();
    if (E.isRight(answered)) return answered;
    const error = answered.left;
    switch (handlingOf(error)) {
      case 'ended':
        return undefined;
      case 'final':
        return answered;
      case 'passing':
        if (tried < TRIES) break;
        throw toFailure(error, 0);
      case 'mendable':
        throw toFailure(error, 0);
    }
    pace.slowDown((error.type === 'Transient' ? error.retryAfterMs : undefined) ?? QUIET_MS);
  }
};

export const pacedVendor = (verifik: VerifikClient, pace: Pace): Vendor => {
  const options = numbered();
  return {
    turn: (calls) => pace.take(calls),
    list: async (request) => {
      const listed = await patiently((call) => verifik.listAppRegistrations(request, call), pace, options);
      if (listed === undefined || E.isRight(listed)) return listed?.right;
      throw toFailure(listed.left, 0);
    },
    read: (appRegistrationId) =>
      patiently((call) => verifik.getWholeAppRegistration(appRegistrationId, call), pace, options),
  };
};
