import type { OnboardingAnswer } from '../contract/messages.js';
import { TOKEN_MARGIN_MS } from '../domain/policy.js';
import type { EpochMs } from '../shared/time.js';

/**
 * The id of the update that asks for a live token. The server allows few updates at a time, so that all who wait for the same token
 * share one; and it keeps outcomes by the id, so that a token which has run out, or a refusal, must not be what a later request shares.
 */
export const tokenRequestId = ({ generation, refusals = 0, registration }: OnboardingAnswer, now: EpochMs): string => {
  const { tokenLive = false, tokenExpiresAt = 0 } = registration ?? {};
  // A query is answered as of the workflow's last task, which may be hours ago.
  const live = tokenLive && tokenExpiresAt - TOKEN_MARGIN_MS > now;
  return `registration-${generation}-${refusals}-${live ? 'live' : 'new'}`;
};
