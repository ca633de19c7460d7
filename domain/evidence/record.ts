import { defined } from '../../shared/defined.js';
import { CHECK_NAMES } from '../checks.js';
import { currentRegistration } from '../reports.js';
import { isRequired, type State } from '../state.js';
import type { Transition, TransitionOf } from '../transitions.js';
import type { Attempt, EvidenceRecord, Generation } from './parts.js';

/** Far more than an onboarding has. They keep the state small enough for continue-as-new. */
const MAX_KEPT = { generations: 100, attempts: 100 } as const;

const HOW: Partial<Readonly<Record<Transition['type'], Generation['how']>>> = {
  Registered: 'created',
  RegistrationResumed: 'resumed',
  RegistrationClosed: 'closed',
  ReminderTried: 'reminded',
};

const generationOf = (before: State, { type, at }: Transition, after: State): readonly Generation[] => {
  const how = HOW[type];
  const appRegistrationId = currentRegistration(after)?.appRegistrationId;
  const isNew =
    after.generation > before.generation || appRegistrationId !== currentRegistration(before)?.appRegistrationId;
  if (how === undefined || appRegistrationId === undefined || !isNew) return [];
  return [{ generation: after.generation, at, appRegistrationId, how }];
};

const newAttempts = (before: State, { vendorRegistration, at }: TransitionOf<'VendorRead'>, after: State) =>
  CHECK_NAMES.flatMap((name): readonly Attempt[] => {
    const [previous, current] = [before.checks[name], after.checks[name]];
    if (!isRequired(previous) || !isRequired(current)) return [];
    const reasons = vendorRegistration.checks[name]?.failureReasons ?? {};
    return current.failedValidations
      .filter((id) => !previous.failedValidations.includes(id))
      .map((validationId) => ({
        check: name,
        validationId,
        readAt: at,
        ...defined({ reason: Object.hasOwn(reasons, validationId) ? reasons[validationId] : undefined }),
      }));
  });

/** Later reads overwrite the scores, and those without them keep them: Verifik deletes comparisons. */
const scoresOf = ({ vendorRegistration, at }: TransitionOf<'VendorRead'>): EvidenceRecord => {
  const { checks, comparison, compared, appRegistrationId } = vendorRegistration;
  const { liveness, validationId } = checks.biometric ?? {};
  return defined({
    liveness: liveness && { ...liveness, readAt: at, ...defined({ validationId }) },
    comparison: comparison && { result: comparison, ...compared, appRegistrationId, readAt: at },
  });
};

type Kept = keyof typeof MAX_KEPT;

const appended = <K extends Kept>(
  record: EvidenceRecord,
  name: K,
  added: NonNullable<EvidenceRecord[K]>,
): EvidenceRecord =>
  added.length === 0 ? record : { ...record, [name]: [...(record[name] ?? []), ...added].slice(-MAX_KEPT[name]) };

const recordedIn = (record: EvidenceRecord, before: State, transition: Transition, after: State): EvidenceRecord => {
  // A read of another registration, or one that arrives during a registration, has changed no check.
  if (transition.type === 'VendorRead')
    return after.checks === before.checks
      ? record
      : appended({ ...record, ...scoresOf(transition) }, 'attempts', newAttempts(before, transition, after));
  return appended(record, 'generations', generationOf(before, transition, after));
};

/** Keeps in the state after a transition what the evidence needs of it. */
export const recorded = (before: State, transition: Transition, after: State): State => {
  const { record = {} } = before;
  const next = recordedIn(record, before, transition, after);
  return next === record ? after : { ...after, record: next };
};
