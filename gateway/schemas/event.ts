import * as t from 'io-ts';
import { CHANGES } from '../../domain/changes.js';
import { documented, oneOf } from '../../shared/decoding.js';
import { OnboardingId } from './ids.js';

const Place = documented(t.number, {
  type: 'integer',
  minimum: 1,
  description: 'The place of the event among those of its onboarding: from 1, without gaps.',
});

export const EventCodec = documented(
  t.type({
    type: oneOf(Object.keys(CHANGES)),
    timestamp: documented(t.string, { format: 'date-time' }),
    data: t.intersection([t.type({ id: OnboardingId, sequence: Place }), t.record(t.string, t.unknown)]),
  }),
  {
    title: 'Event',
    description:
      "What has happened, in callbacks, lists and streams alike. `data` has the change's own fields as well.",
  },
);

export const EventsCodec = documented(
  t.type({
    events: t.readonlyArray(EventCodec),
    last: documented(t.number, { type: 'integer', description: 'The place of the last event so far, or 0.' }),
  }),
  { title: 'Events' },
);

export const ReplayCodec = documented(t.type({ id: OnboardingId, sequence: Place }), { title: 'Replayed' });

export const StreamCodec = documented(t.unknown, {
  description: 'Server-sent events.',
  examples: [
    'id: 1\nevent: onboarding.registered\ndata: {"type":"onboarding.registered","timestamp":"2026-11-30T12:00:00.000Z","data":{"id":"customer-4711","sequence":1,"appRegistrationId":"65f0a1b2c3d4e5f601234500","generation":1,"pending":["email"]}}\n\n',
  ],
});
