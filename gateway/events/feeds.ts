import type { OnboardingClient } from '../../client/index.js';
import { Feed } from './feed.js';

interface Shared {
  readonly feed: Promise<Feed>;
  followers: number;
}

/** The onboardings that somebody follows, each asked once for all. */
export class Feeds {
  readonly #client: OnboardingClient;
  readonly #shared = new Map<string, Shared>();

  constructor(client: OnboardingClient) {
    this.#client = client;
  }

  /** Follows an onboarding, until what comes back with its feed is called. */
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

  #open(workflowId: string): Shared {
    const feed = Feed.open(this.#client, workflowId);
    const shared: Shared = { feed, followers: 0 };
    this.#shared.set(workflowId, shared);
    feed
      .then((opened) => opened.follow(() => shared.followers > 0))
      // What it failed of is told to whoever waits for it.
      .catch(() => undefined)
      // Whoever comes later has to find out anew: an onboarding that is over may have been started again.
      .finally(() => this.#shared.get(workflowId) === shared && this.#shared.delete(workflowId));
    return shared;
  }
}
