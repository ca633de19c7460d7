import * as t from 'io-ts';
import { CHANGE_FIELDS } from '../../domain/change-fields.js';
import { CHANGES, type ChangeType, type WireEvent } from '../../domain/changes.js';
import { documented } from '../../shared/decoding.js';
import { OnboardingId } from './ids.js';

const Sequence = documented(t.number, {
  type: 'integer',
  minimum: 1,
  description: 'The sequence number of the event in its onboarding: from 1, without gaps.',
});

/** The name of an event type in generated clients: `OnboardingCheckPassed` for `onboarding.check.passed`. */
const nameOf = (type: ChangeType): string =>
  type
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const eventOf = <T extends ChangeType>(type: T) =>
  documented(
    t.type({
      type: t.literal(type),
      timestamp: documented(t.string, { format: 'date-time', description: 'The time of the change.' }),
      data: t.intersection([t.type({ id: OnboardingId, sequence: Sequence }), CHANGE_FIELDS[type]]),
    }),
    { title: nameOf(type), description: `Occasion: ${CHANGES[type]}.` },
  );

const EVENTS = t.union([
  eventOf('onboarding.registered'),
  eventOf('onboarding.check.passed'),
  eventOf('onboarding.check.failed'),
  eventOf('onboarding.contact.changed'),
  eventOf('onboarding.review.needed'),
  eventOf('onboarding.review.due'),
  eventOf('onboarding.review.decided'),
  eventOf('onboarding.reminder.sent'),
  eventOf('onboarding.reminder.due'),
  eventOf('onboarding.ended'),
  eventOf('onboarding.validity.ending'),
  eventOf('onboarding.validity.ended'),
  eventOf('onboarding.failed'),
]);

/** Each event type with its name in the OpenAPI document and its codec. */
export const EVENT_CODECS = EVENTS.types.map((codec) => {
  const type = codec.base.props.type.value;
  return { type, name: nameOf(type), codec };
});

export const EventCodec: t.Type<WireEvent> = documented(EVENTS, {
  title: 'Event',
  description:
    'A change of an onboarding, the same in callbacks, lists and streams; those of its validity come only by callback. More types may be added.',
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(EVENT_CODECS.map(({ type, name }) => [type, `#/components/schemas/${name}`])),
  },
});

export const EventsCodec = documented(
  t.type({
    events: t.readonlyArray(EventCodec),
    last: documented(t.number, { type: 'integer', description: 'The sequence number of the last event so far, or 0.' }),
  }),
  { title: 'EventList' },
);

export const ReplayCodec = documented(t.type({ id: OnboardingId, sequence: Sequence }), { title: 'Replayed' });

export const StreamCodec = documented(t.unknown, {
  description: 'Server-sent events.',
  examples: [
    'id: 1\nevent: onboarding.registered\ndata: {"type":"onboarding.registered","timestamp":"2026-11-30T12:00:00.000Z","data":{"id":"customer-4711","sequence":1,"appRegistrationId":"65f0a1b2c3d4e5f601234500","generation":1,"pending":["email"]}}\n\n',
  ],
});
