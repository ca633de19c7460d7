import * as t from 'io-ts';
import { closed, documented, matching } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';

/** The caller's own reference of an onboarding, or what stands for it. */
export const OnboardingId = matching(
  /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
  'an opaque id of 1 to 128 letters, digits and . _ : - that begins with a letter or digit (never an email, a phone or a name)',
  {
    description:
      'Your own opaque reference of the customer or, where the onboarding was started without one, the id that the start answered with. Never an email, a phone or a name: it is shown unencrypted in Temporal.',
    examples: ['customer-4711'],
  },
);

export const OnboardingPath = t.type({ id: OnboardingId });

export const EventPath = t.type({
  id: OnboardingId,
  sequence: documented(count(1, Number.MAX_SAFE_INTEGER), { description: 'The place of the event.', examples: [1] }),
});

/** The sequence number of an event that is known already. */
export const After = documented(count(0, Number.MAX_SAFE_INTEGER), {
  description: 'Answer with the events after this sequence number.',
});

export const AfterQuery = closed(t.partial({ after: After }));

export const LastEventHeaders = t.partial({
  'last-event-id': documented(count(0, Number.MAX_SAFE_INTEGER), {
    description:
      'As browsers send it when they connect again: the place of the last event that came. Goes before `after`.',
  }),
});

/** With the longest name of a tenant before it, it is still one that the client takes. */
export const LONGEST_IDEMPOTENCY_KEY = 200;

const idempotencyHeaders = (description: string) =>
  t.partial({
    'idempotency-key': matching(
      new RegExp(`^[!-~]{1,${LONGEST_IDEMPOTENCY_KEY}}$`),
      `a key of 1 to ${LONGEST_IDEMPOTENCY_KEY} visible ASCII characters`,
      { description, examples: ['5f0c7d64-2d0a-4a0b-9d8e-6f1f5c1f0b1e'] },
    ),
  });

export const StartHeaders = idempotencyHeaders(
  'A key of your own for this call: repeated with the same content, it has the same answer; with other content, it is refused.',
);

export const OnceHeaders = idempotencyHeaders(
  'A key of your own for this call: repeated with the same content, it is done once and has the same answer; with other content, it is another call.',
);
