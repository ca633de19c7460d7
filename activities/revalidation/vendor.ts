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
import type { FindAccount } from '../vendor/account.js';
import { callOptions } from '../vendor/vendor-call.js';
import type { RateLimiter } from './rate-limiter.js';
import type { SourceEntry } from './source-page.js';

type ListRequest = Parameters<VerifikClient['listAppRegistrations']>[0];

/** Rate-limited reads of the vendor, with retries. `undefined` if the chunk ended while waiting. */
export interface Vendor {
  /**
   * Waits until the given number of calls is permitted, for calls that an onboarding will make. `false` if the chunk
   * ended.
   */
  acquire(calls: number): Promise<boolean>;
  list(request: ListRequest): Promise<AppRegistrationPage | undefined>;
  /** Reads one registration. Final errors are results of the batch, not failures of the activity. */
  read(
    entry: Pick<SourceEntry, 'appRegistrationId' | 'project'>,
  ): Promise<E.Either<VerifikError, AppRegistrationListItem> | undefined>;
}

/** The pause after a transient error without `Retry-After`. */
const DEFAULT_PAUSE_MS = 2 * SECOND_MS;

/** After this many failures in a row, the activity fails, and is retried by its retry policy. */
const MAX_ATTEMPTS = 10;

const handlingOf = (error: VerifikError): 'cancelled' | 'transient' | 'correctable' | 'final' => {
  switch (error.type) {
    case 'Cancelled':
      return 'cancelled';
    case 'Transient':
      return 'transient';
    case 'UnexpectedVendorResponse':
      // A body without any known field is probably a proxy's error page: retry.
      return error.paths.length === 0 ? 'transient' : 'final';
    case 'Credentials':
    case 'InsufficientCredits':
      return 'correctable';
    default:
      return 'final';
  }
};

/** Makes a rate-limited call. A transient error slows down the rate limiter, and the call is retried. */
const withRetries = async <A>(
  call: (options: CallOptions) => Call<A>,
  limiter: RateLimiter,
): Promise<E.Either<VerifikError, A> | undefined> => {
  for (let attempt = 1; ; attempt += 1) {
    if (!(await limiter.acquire())) return undefined;
    const response = await call(callOptions())();
    if (E.isRight(response)) return response;
    const error = response.left;
    switch (handlingOf(error)) {
      case 'cancelled':
        return undefined;
      case 'final':
        return response;
      case 'transient':
        if (attempt < MAX_ATTEMPTS) break;
        throw toFailure(error, 0);
      case 'correctable':
        throw toFailure(error, 0);
    }
    limiter.slowDown((error.type === 'Transient' ? error.retryAfterMs : undefined) ?? DEFAULT_PAUSE_MS);
  }
};

export const rateLimitedVendor = (find: FindAccount, limiter: RateLimiter): Vendor => ({
  acquire: (calls) => limiter.acquire(calls),
  list: async (request) => {
    const { verifik } = await find(request.project);
    const listed = await withRetries((call) => verifik.listAppRegistrations(request, call), limiter);
    if (listed === undefined || E.isRight(listed)) return listed?.right;
    throw toFailure(listed.left, 0);
  },
  read: async ({ appRegistrationId, project }) => {
    const { verifik } = await find(project);
    return withRetries((call) => verifik.getWholeAppRegistration(appRegistrationId, call), limiter);
  },
});
