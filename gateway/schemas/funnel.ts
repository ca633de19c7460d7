import * as t from 'io-ts';
import type { Funnel } from '../../client/index.js';
import { LAST_VALIDITY } from '../../contract/validity.js';
import { perCheck } from '../../domain/checks.js';
import { PolicyName, VendorId } from '../../domain/ids.js';
import { Count } from '../../domain/outcome-codecs.js';
import { closed, documented } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';

const moment = (description: string) => documented(count(0, LAST_VALIDITY), { description });

export const FunnelQuery = closed(
  t.partial({
    project: VendorId,
    projectFlow: VendorId,
    policyName: documented(PolicyName, { description: 'The named policy in force, such as a canary.' }),
    from: moment(
      'The beginning of the period. ms since the Unix epoch. Default: as far back as Temporal keeps workflows.',
    ),
    to: moment('The end of the period (exclusive). ms since the Unix epoch. Default: now.'),
  }),
);

export const FunnelCodec: t.Type<Funnel> = documented(
  t.type({
    started: documented(Count, { description: 'The onboardings that started in the period.' }),
    open: documented(t.type({ registering: Count, validating: Count, inReview: Count }), {
      description: 'Those without an outcome, by status.',
    }),
    pending: documented(t.type(perCheck(() => Count)), {
      description:
        'Those without an outcome that still have to pass a check. One that has to pass several counts for each.',
    }),
    ended: documented(t.type({ verified: Count, rejected: Count, expired: Count, withdrawn: Count }), {
      description: 'Those that ended, by outcome.',
    }),
    stopped: documented(Count, { description: 'Those that failed, or were stopped in Temporal, without an outcome.' }),
  }),
  { title: 'Funnel', description: 'How far the onboardings that started in a period have got by now.' },
);
