import type { RegistrationStatus } from '../../sandbox/index.js';
import { type Applicant, CHECKS, type Check, type Persona, personaOf } from '../personas.js';
import { found, PASSED } from './conditions.js';
import { wrongEvidence } from './evidence.js';
import type { Observations, ReceivedCallback, ReportedOutcome } from './observations.js';

export interface Violation {
  readonly invariant: Invariant;
  /** The reference or workflow id of an onboarding, or the searched file. */
  readonly subject: string;
  readonly what: string;
}

export const INVARIANTS = {
  outcome: 'Every onboarding has an outcome.',
  expectedOutcome: "The outcome and its reason follow from the applicant's actions.",
  matchesVerifik: 'The outcome matches the status of the registration at Verifik.',
  noDuplicates: 'Verifik creates no registration twice, and discards finished checks only on request.',
  callbacks: 'The callbacks of an onboarding are complete, in order, consistent and signed.',
  evidence: "The evidence of an onboarding agrees with Verifik's records, and is refused if a byte is changed.",
  replays: 'Every history replays with the workflow bundle.',
  noLeaks: 'No log, metrics page or database contains a secret or personal data.',
  notBlocked: 'No applicant is kept from finishing.',
} as const;

export type Invariant = keyof typeof INVARIANTS;

const COMPLETE: ReadonlySet<string> = new Set(['completed', 'COMPLETED']);

const violationOf =
  (invariant: Invariant) =>
  (subject: string, what: string): Violation => ({ invariant, subject, what });

const checkOutcomes = ({ applicants, outcomes }: Observations): readonly Violation[] =>
  applicants.flatMap(({ reference, persona }) => {
    const reported = outcomes.get(reference);
    if (reported === undefined)
      return [violationOf('outcome')(reference, `no outcome: the applicant ${personaOf(persona).does}`)];
    const { outcome, reason, does } = personaOf(persona);
    const isRight = reported.outcome === outcome && reported.reason === reason;
    const what = `${reported.outcome} (${reported.reason}) instead of ${outcome} (${reason}): the applicant ${does}`;
    return isRight ? [] : [violationOf('expectedOutcome')(reference, what)];
  });

/** Returns the checks that have not passed at Verifik. */
export const openChecks = (registration: RegistrationStatus | undefined): readonly Check[] =>
  CHECKS.filter((check) => !PASSED.has(registration?.checks[check] ?? ''));

/** Describes the contradictions between an outcome and the registration at Verifik. */
const contradictions = (
  { outcome, reason, appRegistrationId }: ReportedOutcome,
  { person }: Applicant,
  { vendor }: Observations,
): readonly string[] => {
  const own = vendor.registrations.filter(({ email }) => email === person.email);
  if (outcome !== 'verified')
    return found(
      own.some(({ status }) => COMPLETE.has(status)) && `${outcome}, but the registration is complete at Verifik`,
    );
  const registration = own.find(({ _id }) => _id === appRegistrationId);
  if (registration === undefined) return ['verified, but Verifik has no such registration of the applicant'];
  const open = openChecks(registration);
  // Verifik does not learn of the reviewer's approval of the document.
  if (reason === 'approvedByReviewer')
    return found(open.some((check) => check !== 'document') && `approved, but ${open.join(', ')} has not passed`);
  return found(
    open.length > 0 && `verified, but ${open.join(', ')} has not passed at Verifik`,
    !COMPLETE.has(registration.status) && `verified, but the registration is ${registration.status} at Verifik`,
  );
};

const checkAgainstVerifik = (observations: Observations): readonly Violation[] =>
  observations.applicants.flatMap((applicant) => {
    const reported = observations.outcomes.get(applicant.reference);
    if (reported === undefined) return [];
    return contradictions(reported, applicant, observations).map((what) =>
      violationOf('matchesVerifik')(applicant.reference, what),
    );
  });

const checkDuplicates = ({ applicants, vendor }: Observations): readonly Violation[] =>
  applicants.flatMap(({ reference, persona, person }) => {
    const { registrations, recreations } = personaOf(persona);
    // The sandbox counts by lower-case address.
    const created = vendor.createdByContact[person.email.toLowerCase()] ?? 0;
    const ids = vendor.registrations.filter(({ email }) => email === person.email).map(({ _id }) => _id);
    const discarded = ids.reduce((sum, id) => sum + (vendor.discardedByRegistration[id] ?? 0), 0);
    return found(
      created !== registrations && `${created} registrations created instead of ${registrations}`,
      discarded > recreations && `finished checks discarded ${discarded} times, requested ${recreations} times`,
    ).map((what) => violationOf('noDuplicates')(reference, what));
  });

type Event = Exclude<ReceivedCallback, { readonly refused: string }>;

const isEvent = (callback: ReceivedCallback): callback is Event => 'event' in callback;

/** Groups the events by onboarding, in order of their first receipt and without repeated messages. */
const firstDeliveries = (callbacks: readonly ReceivedCallback[]): ReadonlyMap<string, readonly Event[]> => {
  const seen = new Set<string>();
  const byOnboarding = new Map<string, Event[]>();
  for (const callback of callbacks.filter(isEvent)) {
    if (seen.has(callback.messageId)) continue;
    seen.add(callback.messageId);
    const events = byOnboarding.get(callback.event.data.id) ?? [];
    byOnboarding.set(callback.event.data.id, [...events, callback]);
  }
  return byOnboarding;
};

const FINAL_EVENTS: ReadonlySet<string> = new Set(['onboarding.ended', 'onboarding.failed']);

/** Describes events of checks that the applicant has not passed, and missing events of passed checks. */
const wrongCheckEvents = (events: readonly Event[], { passes, outcome }: Persona): readonly string[] => {
  const reported = new Set(
    events.flatMap(({ event }) => (event.type === 'onboarding.check.passed' ? [event.data.check ?? ''] : [])),
  );
  const wrong = [...reported].filter((check) => !passes.some((one) => one === check));
  const missing = outcome === 'verified' ? passes.filter((check) => !reported.has(check)) : [];
  return [
    ...wrong.map((check) => `${check} was reported as passed but has not passed`),
    ...missing.map((check) => `${check} has passed but was not reported`),
  ];
};

/** Describes the errors in the sequence of events of one onboarding. */
const sequenceErrors = (events: readonly Event[], reported: ReportedOutcome | undefined): readonly string[] => {
  const sequences = events.map(({ event }) => event.data.sequence);
  const finalEvents = events.filter(({ event }) => FINAL_EVENTS.has(event.type));
  const [finalEvent] = finalEvents;
  const data = finalEvent?.event.data;
  const decision = typeof data?.decision === 'string' ? undefined : data?.decision;
  return found(
    sequences.some((sequence, index) => sequence !== index + 1) && `the sequence numbers are ${sequences.join(', ')}`,
    finalEvents.length !== 1 && `${finalEvents.length} final events`,
    finalEvent !== undefined && finalEvent !== events.at(-1) && 'an event follows the final event',
    (decision?.outcome !== reported?.outcome || decision?.reason !== reported?.reason) &&
      `the final event says ${decision?.outcome} (${decision?.reason}), the API ${reported?.outcome} (${reported?.reason})`,
  );
};

const checkCallbacks = ({ applicants, outcomes, callbacks }: Observations): readonly Violation[] => {
  const violation = violationOf('callbacks');
  const events = firstDeliveries(callbacks);
  const refused = callbacks.length - callbacks.filter(isEvent).length;
  const unknown = [...events.keys()].filter((id) => !applicants.some(({ reference }) => reference === id));
  return [
    ...(refused === 0 ? [] : [violation('all', `${refused} callbacks with an invalid signature or body`)]),
    ...unknown.map((id) => violation(id, 'an event of an onboarding that was not started')),
    ...applicants.flatMap(({ reference, persona }) => {
      const own = events.get(reference) ?? [];
      const errors = [...sequenceErrors(own, outcomes.get(reference)), ...wrongCheckEvents(own, personaOf(persona))];
      return errors.map((what) => violation(reference, what));
    }),
  ];
};

const checkEvidence = (observations: Observations): readonly Violation[] =>
  observations.applicants
    .filter(({ reference }) => observations.outcomes.has(reference))
    .flatMap((applicant) =>
      wrongEvidence(observations.evidence.get(applicant.reference), applicant, observations).map((what) =>
        violationOf('evidence')(applicant.reference, what),
      ),
    );

const checkReplays = ({ applicants, replayed, workflowIds }: Observations): readonly Violation[] => {
  const violation = violationOf('replays');
  const ids = new Set(replayed.map(({ workflowId }) => workflowId));
  const missing = applicants.filter(({ reference }) => !ids.has(workflowIds.get(reference) ?? ''));
  return [
    ...replayed.flatMap(({ workflowId, mismatch }) =>
      mismatch === undefined ? [] : [violation(workflowId, mismatch)],
    ),
    ...missing.map(({ reference }) => violation(reference, 'Temporal has no history of it')),
  ];
};

const MARKER_MISSING = 'a text that must be there was not found, so the search proves nothing';

const checkLeaks = ({ searched, databaseIsRead }: Observations): readonly Violation[] => {
  const violation = violationOf('noLeaks');
  return [
    ...(databaseIsRead ? [] : [violation('the database', MARKER_MISSING)]),
    ...searched.flatMap((place) => [
      ...place.found.map((what) => violation(place.where, what)),
      ...(place.seesMarker ? [] : [violation(place.where, MARKER_MISSING)]),
    ]),
  ];
};

/** Checks all invariants. */
export const findViolations = (observations: Observations): readonly Violation[] => [
  ...[...observations.blocked].map(([reference, what]) => violationOf('notBlocked')(reference, what)),
  ...checkOutcomes(observations),
  ...checkAgainstVerifik(observations),
  ...checkDuplicates(observations),
  ...checkCallbacks(observations),
  ...checkEvidence(observations),
  ...checkReplays(observations),
  ...checkLeaks(observations),
];
