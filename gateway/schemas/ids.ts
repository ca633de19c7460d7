import * as t from 'io-ts';
import { closed, documented, matching } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { count } from '../../shared/settings.js';

/** The caller's reference of an onboarding, or the id that the start returned. */
export const OnboardingId = matching(
  /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
  'an opaque id of 1 to 128 letters, digits and . _ : - that begins with a letter or digit (never an email, a phone or a name)',
  {
    maxLength: 128,
    description:
      'Your opaque reference of the customer or, if you started the onboarding without one, the id that the start returned. Never an email, a phone or a name: Temporal stores it unencrypted.',
    examples: ['customer-4711'],
  },
);

export const OnboardingPath = t.type({ id: OnboardingId });

export const EventPath = t.type({
  id: OnboardingId,
  sequence: documented(count(1, Number.MAX_SAFE_INTEGER), {
    description: 'The sequence number of the event.',
    examples: [1],
  }),
});

export const After = documented(count(0, Number.MAX_SAFE_INTEGER), {
  description: 'Return only events after this sequence number.',
  default: 0,
});

export const AfterQuery = closed(t.partial({ after: After }));

export const LastEventHeaders = t.partial({
  'last-event-id': documented(count(0, Number.MAX_SAFE_INTEGER), {
    description:
      'The sequence number of the last event received, as browsers send it when they reconnect. Takes precedence over `after`.',
  }),
});

/** With the longest tenant name as its prefix, a key is still within the client's limit. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 200;

const idempotencyHeaders = (description: string) =>
  t.partial({
    'idempotency-key': matching(
      new RegExp(`^[!-~]{1,${MAX_IDEMPOTENCY_KEY_LENGTH}}$`),
      `a key of 1 to ${MAX_IDEMPOTENCY_KEY_LENGTH} visible ASCII characters`,
      { maxLength: MAX_IDEMPOTENCY_KEY_LENGTH, description, examples: ['5f0c7d64-2d0a-4a0b-9d8e-6f1f5c1f0b1e'] },
    ),
  });

export const StartHeaders = idempotencyHeaders(
  'A key that you choose for this call. Repeating the call with the same content returns the same response; with other content, it is rejected.',
);

export const OnceHeaders = idempotencyHeaders(
  'A key that you choose for this call. Repeating the call with the same content takes effect once and returns the same response; with other content, it is a new call.',
);

/** The option of the client for a call that is to take effect once. */
export const onceBy = ({ 'idempotency-key': idempotencyKey }: t.TypeOf<typeof OnceHeaders>) =>
  defined({ idempotencyKey });
