import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OnboardingClient, OnboardingError } from '../../client/index.js';
import type { EventsAnswer } from '../../contract/messages.js';
import type { OnboardingEvent } from '../../domain/changes.js';
import { DEFAULT_POLICY } from '../../domain/policy/policy.js';
import { snapshot } from '../../domain/snapshot.js';
import { initialState } from '../../domain/state.js';
import { openFeed } from '../../gateway/events/feed.js';
import { CONTACT_KEY } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

const POLICY = { ...DEFAULT_POLICY, required: ['email'] } as const;

const STANDING = snapshot(initialState({ policy: POLICY, contact: { email: 'applicant@example.com' } }, 0), 0);

const REMINDED = { type: 'onboarding.reminder.sent', remindersSent: 1, at: 0 } as const;

/** The number of events of an onboarding, and its first run. */
interface Known {
  readonly events: number;
  readonly run: string;
}

/** A client whose answers the test sets. */
class AnsweringClient extends OnboardingClient {
  known: Known = { events: 1, run: 'first' };
  asked = 0;
  isAway = false;

  override async events(_workflowId: string, { after = 0 } = {}): Promise<EventsAnswer> {
    this.asked += 1;
    if (this.isAway) throw new OnboardingError('Unavailable', 'Temporal could not be reached');
    const { events: last, run: onboardingRunId } = this.known;
    const all = Array.from({ length: last }, (_, index): OnboardingEvent => ({ ...REMINDED, sequence: index + 1 }));
    const events = all.filter(({ sequence }) => sequence > after);
    return { events, last, oldest: 1, onboardingRunId, snapshot: STANDING };
  }
}

let alone: TemporalAlone;

beforeAll(async () => {
  alone = await openTemporal();
});

afterAll(() => alone?.close());

const follow = async () => {
  const client = new AnsweringClient(alone.temporal, { contactKey: CONTACT_KEY });
  const abandoned = new AbortController();
  const often = async () => ({ changed: () => pause(20) });
  const feed = await openFeed(client, often, 'onboarding-shop:x', abandoned.signal);
  const following = feed.keepCurrent();
  return {
    client,
    feed,
    leave: async () => {
      abandoned.abort();
      await following;
    },
  };
};

it('a feed ends with its onboarding if another one of the same id has as many events', async () => {
  const { client, feed, leave } = await follow();
  client.known = { events: 2, run: 'second' };
  await expect.poll(() => feed.view().ended).toBe(true);
  expect(feed.view().events).toHaveLength(1);
  await leave();
});

it('a feed continues once Temporal answers again', async () => {
  const { client, feed, leave } = await follow();
  client.isAway = true;
  await expect.poll(() => client.asked).toBeGreaterThan(2);
  client.isAway = false;
  client.known = { events: 2, run: 'first' };
  await expect.poll(() => feed.view().events.length, { timeout: 10_000 }).toBe(2);
  await leave();
});
