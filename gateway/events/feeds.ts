import type { OnboardingClient } from '../../client/index.js';
import { Feed } from './feed.js';

interface SharedFeed {
  readonly feed: Promise<Feed>;
  followers: number;
}

/** The feeds of the followed onboardings. Followers of an onboarding share its feed. */
export class Feeds {
  readonly #client: OnboardingClient;
  readonly #shared = new Map<string, SharedFeed>();

  constructor(client: OnboardingClient) {
    this.#client = client;
  }

  /** Follows an onboarding until the caller calls `leave`. */
  async follow(workflowId: string): Promise<{ readonly feed: Feed; readonly leave: () => void }> {
    const shared = this.#shared.get(workflowId) ?? this.#open(workflowId);
    shared.followers += 1;
    const leave = () => {
      shared.followers -= 1;
      if (shared.followers === 0 && this.#shared.get(workflowId) === shared) this.#shared.delete(workflowId);
    };
    try {
      return { feed: await shared.feed, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  #open(workflowId: string): SharedFeed {
    const feed = Feed.open(this.#client, workflowId);
    const shared: SharedFeed = { feed, followers: 0 };
    this.#shared.set(workflowId, shared);
    feed
      .then((opened) => opened.poll(() => shared.followers > 0))
      // The followers that wait for the feed receive the error.
      .catch(() => undefined)
      // A later follower needs a new feed: the onboarding may have been started again.
      .finally(() => this.#shared.get(workflowId) === shared && this.#shared.delete(workflowId));
    return shared;
  }
}
