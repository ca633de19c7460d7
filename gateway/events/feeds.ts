import type { OnboardingClient } from '../../client/index.js';
import { type Feed, openFeed } from './feed.js';
import type { OpenWatch } from './history.js';

interface SharedFeed {
  readonly feed: Promise<Feed>;
  readonly abandoned: AbortController;
  followers: number;
}

export type Feeds = ReturnType<typeof shareFeeds>;

/** Shares the feed of an onboarding among its followers. */
export const shareFeeds = (client: OnboardingClient, openWatch: OpenWatch) => {
  const feeds = new Map<string, SharedFeed>();

  const drop = (workflowId: string, shared: SharedFeed): void => {
    if (feeds.get(workflowId) === shared) feeds.delete(workflowId);
    shared.abandoned.abort();
  };

  const open = (workflowId: string): SharedFeed => {
    const abandoned = new AbortController();
    const feed = openFeed(client, openWatch, workflowId, abandoned.signal);
    const shared: SharedFeed = { feed, abandoned, followers: 0 };
    feeds.set(workflowId, shared);
    feed
      .then((opened) => opened.keepCurrent())
      // The followers that wait for the feed receive the error.
      .catch(() => undefined)
      // A later follower needs a new feed: the onboarding may have been started again.
      .finally(() => drop(workflowId, shared));
    return shared;
  };

  return {
    /** Follows an onboarding until the signal aborts. */
    follow: async (workflowId: string, signal: AbortSignal): Promise<Feed> => {
      const shared = feeds.get(workflowId) ?? open(workflowId);
      shared.followers += 1;
      const leave = () => {
        shared.followers -= 1;
        if (shared.followers === 0) drop(workflowId, shared);
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      return shared.feed;
    },
  };
};
