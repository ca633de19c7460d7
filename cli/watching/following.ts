import type { EventsAnswer, OnboardingClient, Outcome } from '../../client/index.js';
import { followToTheEnd } from './to-the-end.js';

/** What has happened since it was last looked, and where the onboarding stands. */
export type Sight = Pick<EventsAnswer, 'events' | 'snapshot'>;

export interface FollowOptions {
  readonly client: OnboardingClient;
  readonly workflowId: string;
  readonly show: (sight: Sight) => void;
  readonly note: (text: string) => void;
  /** How long to follow, in ms. Absent: to the end. */
  readonly timeoutMs?: number;
}

/**
 * Shows an onboarding until it has ended, and answers with the outcome.
 *
 * @throws CliFailure `stopped` where it ends without one, `unavailable` when the time is up; OnboardingError where it is not there.
 */
export const follow = async ({ client, workflowId, show, ...options }: FollowOptions): Promise<Outcome> => {
  let after = 0;
  const { outcome } = await followToTheEnd({
    ...options,
    what: 'onboarding',
    result: () => client.result(workflowId),
    look: async (call) => {
      const sight = await client.events(workflowId, { after, ...call });
      after = sight.last;
      show(sight);
    },
  });
  return outcome;
};
