import * as t from 'io-ts';
import { documented, oneOf } from '../../shared/decoding.js';
import { CheckNameCodec } from '../ids.js';
import { CheckReasonCodec, Count, Moment } from '../outcome-codecs.js';

const Unit = documented(t.number, { description: 'A unit, from 0 to 1.' });

const MinScore = documented(Unit, { description: "Verifik's minimum, as it said it. Absent if it said none." });

const ReadAt = documented(Moment, { description: 'The time of the read of Verifik that showed it, in ms.' });

/** A token of the onboarding: with a registration, or a further one for the same registration. */
export const GenerationCodec = documented(
  t.type({
    generation: Count,
    at: Moment,
    appRegistrationId: t.string,
    how: documented(oneOf(['created', 'resumed', 'closed', 'reminded']), {
      description:
        '`created`: Verifik made the registration, for the first time or again; `resumed`: it issued another token; `closed`: it found the registration closed; `reminded`: the token came with a reminder.',
    }),
  }),
  { title: 'EvidenceGeneration' },
);

/** A failed validation that uses up an attempt. */
export const AttemptCodec = documented(
  t.intersection([
    t.type({ check: CheckNameCodec, validationId: t.string, readAt: ReadAt }),
    t.partial({ reason: CheckReasonCodec }),
  ]),
  { title: 'EvidenceAttempt', description: 'A failed validation, which uses up an attempt.' },
);

export const LivenessCodec = documented(
  t.intersection([t.type({ score: Unit, readAt: ReadAt }), t.partial({ minScore: MinScore, validationId: t.string })]),
  { title: 'EvidenceLiveness', description: "Verifik's test that the last selfie shows a living person." },
);

export const ComparisonCodec = documented(
  t.intersection([
    t.type({ result: oneOf(['match', 'mismatch']), appRegistrationId: t.string, readAt: ReadAt }),
    t.partial({ score: Unit, minScore: MinScore }),
  ]),
  { title: 'EvidenceComparison', description: "Verifik's comparison of the selfie with the document." },
);

export const ReviewCodec = documented(
  t.intersection([
    t.type({
      at: Moment,
      decision: oneOf(['approve', 'reject', 'again']),
      reviewer: documented(t.string, { description: "The reviewer's id in the caller's system." }),
      checks: documented(
        t.readonlyArray(
          t.intersection([
            t.type({ check: CheckNameCodec }),
            t.partial({ validationId: t.string, reason: CheckReasonCodec }),
          ]),
        ),
        { description: 'The decided checks, as they were under review. Empty for the registration as a whole.' },
      ),
    }),
    t.partial({
      overruled: documented(t.string, {
        description: 'The reviewer who had claimed the review, if it was decided by force.',
      }),
      reason: documented(t.string, { description: 'The reason for the applicant to repeat checks.' }),
      note: documented(t.string, { description: "The reviewer's note. Personal data." }),
    }),
  ]),
  { title: 'EvidenceReview', description: "A reviewer's decision." },
);

export type Generation = Readonly<t.TypeOf<typeof GenerationCodec>>;
export type Attempt = Readonly<t.TypeOf<typeof AttemptCodec>>;

/**
 * The part of an onboarding's past that its state does not have otherwise. Lists are bounded: the oldest are dropped.
 */
export interface EvidenceRecord {
  readonly generations?: readonly Generation[];
  readonly attempts?: readonly Attempt[];
  readonly liveness?: Readonly<t.TypeOf<typeof LivenessCodec>>;
  readonly comparison?: Readonly<t.TypeOf<typeof ComparisonCodec>>;
}
