import * as t from 'io-ts';
import { CHANGES } from '../../domain/changes.js';
import { documented, oneOf } from '../../shared/decoding.js';
import { OnboardingId } from './ids.js';

const Sequence = documented(t.number, {
  type: 'integer',
  minimum: 1,
  description: 'The sequence number of the event in its onboarding: from 1, without gaps.',
});

export const EventCodec = documented(
  t.type({
    type: oneOf(Object.keys(CHANGES)),
    timestamp: documented(t.string, { format: 'date-time' }),
    data: t.intersection([t.type({ id: OnboardingId, sequence: Sequence }), t.record(t.string, t.unknown)]),
  }),
  {
    title: 'Event',
    description:
      'A change of an onboarding, the same in callbacks, lists and streams. `data` also has the fields of its type.',
  },
);

export const EventsCodec = documented(
  t.type({
    events: t.readonlyArray(EventCodec),
    last: documented(t.number, { type: 'integer', description: 'The sequence number of the last event so far, or 0.' }),
  }),
  { title: 'Events' },
);

export const ReplayCodec = documented(t.type({ id: OnboardingId, sequence: Sequence }), { title: 'Replayed' });

export const StreamCodec = documented(t.unknown, {
  description: 'Server-sent events.',
  examples: [
    'id: 1\nevent: onboarding.registered\ndata: {"type":"onboarding.registered","timestamp":"2026-11-30T12:00:00.000Z","data":{"id":"customer-4711","sequence":1,"appRegistrationId":"65f0a1b2c3d4e5f601234500","generation":1,"pending":["email"]}}\n\n',
  ],
});
