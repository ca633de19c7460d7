import * as t from 'io-ts';
import { livenessScoreOf } from './answers/validation-views.js';
import { oneOf } from './decoding.js';
import { KINDS, type Registration, type Validation } from './model.js';
import { flowOf } from './rules/flow.js';
import type { SandboxState } from './state.js';

const ValidationRecord = t.readonly(
  t.intersection([
    t.type({ _id: t.string, kind: oneOf(...KINDS), status: t.string }),
    t.partial({ failedReason: t.string }),
  ]),
);

const ScoreRecord = t.readonly(t.type({ score: t.number, minScore: t.number }));

export const RecordCodec = t.readonly(
  t.intersection([
    t.type({
      _id: t.string,
      email: t.union([t.string, t.null]),
      status: t.string,
      /** The current validations. */
      validations: t.readonlyArray(ValidationRecord),
      /** The failed documents and selfies, oldest first. */
      failed: t.readonlyArray(ValidationRecord),
    }),
    t.partial({ liveness: ScoreRecord, comparison: t.intersection([ScoreRecord, t.type({ passed: t.boolean })]) }),
  ]),
);

/** All that the sandbox knows of a registration, for comparing it with what the product says. Scores are units. */
export type RegistrationRecord = t.TypeOf<typeof RecordCodec>;

const ofValidation = ({ _id, kind, status, failedReason }: Validation) => ({
  ...{ _id, kind, status },
  ...(failedReason === undefined ? {} : { failedReason }),
});

export const recordOf = (
  { settings }: SandboxState,
  { _id, email, status, validations, failed = [], compare }: Registration,
): RegistrationRecord => {
  const { minScore, compareMinScore } = flowOf(settings);
  const { biometric } = validations;
  return {
    ...{ _id, email: email ?? null, status },
    validations: Object.values(validations).map(ofValidation),
    failed: failed.map(ofValidation),
    ...(biometric === undefined ? {} : { liveness: { score: livenessScoreOf(biometric), minScore } }),
    ...(compare === undefined
      ? {}
      : { comparison: { passed: compare.passed, score: compare.score, minScore: compareMinScore } }),
  };
};
