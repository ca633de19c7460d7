import * as t from 'io-ts';
import { closed, documented } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';

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

export const IfNoneMatchHeaders = t.partial({
  'if-none-match': documented(t.string, { description: 'The `ETag` of the status that you know.' }),
});

export const NotModifiedCodec = documented(t.undefined, { description: 'The status is one that you know.' });
