import * as t from 'io-ts';
import { DecisionCodec } from '../../domain/outcome-codecs.js';
import { closed, documented } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { OnboardingId } from './ids.js';

/** Shorter than the time after which proxies usually close a silent connection. */
const MAX_WAIT_S = 30;

export const WaitQuery = closed(
  t.partial({
    wait: documented(count(0, MAX_WAIT_S), {
      description:
        'With `If-None-Match`, how long to wait for a change, in seconds. An onboarding that has ended is not waited for.',
      default: 0,
    }),
  }),
);

export const ResultQuery = closed(
  t.partial({
    wait: documented(count(0, MAX_WAIT_S), {
      description: 'How long to wait for the decision, in seconds.',
      default: 0,
    }),
  }),
);

export const ResultCodec = documented(
  t.intersection([
    t.type({ id: OnboardingId }),
    DecisionCodec,
    t.partial({
      appRegistrationId: documented(t.string, { description: 'Absent if Verifik never created a registration.' }),
    }),
  ]),
  { title: 'Result', description: 'The decision, and the registration that it is about.' },
);

export const IfNoneMatchHeaders = t.partial({
  'if-none-match': documented(t.string, { description: 'The `ETag` of the status that you know.' }),
});

export const NotModifiedCodec = documented(t.undefined, { description: 'The status is one that you know.' });
