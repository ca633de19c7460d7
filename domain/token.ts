import type { EpochMs } from '../shared/time.js';
import { TOKEN_MARGIN_MS } from './policy.js';
import type { RegistrationToken, State } from './state.js';

/** True while the token has more than the margin left. */
export const isLive = (
  token: RegistrationToken | undefined,
  now: EpochMs,
  marginMs: number = TOKEN_MARGIN_MS,
): token is RegistrationToken => token !== undefined && token.expiresAt - marginMs > now;

/** The registration with its token, where the vendor has given one that is not older than the margin allows. */
export const liveToken = ({ progress }: State, now: EpochMs): RegistrationToken | undefined =>
  progress.phase === 'validating' && isLive(progress.registration.token, now) ? progress.registration.token : undefined;
