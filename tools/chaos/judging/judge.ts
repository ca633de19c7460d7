import { CHECKS, type Member, type Persona, personaOf } from '../personas.js';
import type { Evidence, Heard, ToldOutcome } from './evidence.js';

/** Something that may not be. */
export interface Violation {
  readonly rule: Rule;
  /** The onboarding's reference, or the place. */
  readonly of: string;
  readonly what: string;
}

/** What is judged. */
export const RULES = {
  outcome: 'Every onboarding has an outcome.',
  rightOutcome: 'It is the one that follows from what the applicant did.',
  agreesWithVerifik: 'It agrees with where the registration stands at Verifik.',
  nothingTwice: 'Verifik has created nothing twice, and thrown away nothing finished, but where it was asked to.',
  callbacks: 'The callbacks tell everything in order, without gaps, once and for all, under good signatures.',
  replays: "Every history replays with the workers' code.",
  nothingReadable: 'No secret and nothing personal is to be found in a log, a page of metrics or a database.',
  unstopped: 'No applicant was stopped who should not have been.',
} as const;

export type Rule = keyof typeof RULES;

/** Verifik's words for a validation that has passed, in all of its generations. */
const PASSED: ReadonlySet<string> = new Set(['validated', 'completed', 'VALIDATED', 'ACTIVE']);
const COMPLETE: ReadonlySet<string> = new Set(['completed', 'COMPLETED']);

type Found = (of: string, what: string) => Violation;

const finding =
  (rule: Rule): Found =>
  (of, what) => ({ rule, of, what });

const judgeOutcomes = ({ cast, outcomes }: Evidence): readonly Violation[] =>
  cast.flatMap(({ reference, persona }) => {
    const told = outcomes.get(reference);
    if (told === undefined)
      return [finding('outcome')(reference, `none, where the applicant ${personaOf(persona).does}`)];
    const { outcome, reason, does } = personaOf(persona);
    const isRight = told.outcome === outcome && told.reason === reason;
    const what = `${told.outcome} (${told.reason}) rather than ${outcome} (${reason}): the applicant ${does}`;
    return isRight ? [] : [finding('rightOutcome')(reference, what)];
  });

/** What of a registration contradicts an outcome. */
const contradictions = (
  { outcome, reason, appRegistrationId }: ToldOutcome,
  { person }: Member,
  { vendor }: Evidence,
): readonly string[] => {
  const own = vendor.standings.filter(({ email }) => email === person.email);
  if (outcome !== 'verified') {
    const complete = own.find(({ status }) => COMPLETE.has(status));
    return complete === undefined ? [] : [`${outcome}, but the registration is complete at Verifik`];
  }
  const registration = own.find(({ _id }) => _id === appRegistrationId);
  if (registration === undefined) return ['verified, but Verifik has no such registration of the applicant'];
  const open = CHECKS.filter((check) => !PASSED.has(registration.checks[check] ?? ''));
  // What a reviewer let pass may stand otherwise at Verifik.
  if (reason === 'approvedByReviewer')
    return open.some((check) => check !== 'document') ? [`approved, but ${open.join(', ')} has not passed`] : [];
  return [
    ...(open.length === 0 ? [] : [`verified, but ${open.join(', ')} has not passed at Verifik`]),
    ...(COMPLETE.has(registration.status)
      ? []
      : [`verified, but the registration is ${registration.status} at Verifik`]),
  ];
};

const judgeAgreement = (evidence: Evidence): readonly Violation[] =>
  evidence.cast.flatMap((member) => {
    const told = evidence.outcomes.get(member.reference);
    if (told === undefined) return [];
    return contradictions(told, member, evidence).map((what) => finding('agreesWithVerifik')(member.reference, what));
  });

const judgeRepetition = ({ cast, vendor }: Evidence): readonly Violation[] =>
  cast.flatMap(({ reference, persona, person }) => {
    const { registrations, recreations } = personaOf(persona);
    // Verifik counts addresses in small letters.
    const created = vendor.createdByContact[person.email.toLowerCase()] ?? 0;
    const ids = vendor.standings.filter(({ email }) => email === person.email).map(({ _id }) => _id);
    const discarded = ids.reduce((sum, id) => sum + (vendor.discardedByRegistration[id] ?? 0), 0);
    const found = finding('nothingTwice');
    return [
      ...(created === registrations
        ? []
        : [found(reference, `${created} registrations created, not ${registrations}`)]),
      ...(discarded <= recreations
        ? []
        : [found(reference, `finished checks thrown away ${discarded} times, asked for ${recreations}`)]),
    ];
  });

type Event = Exclude<Heard, { readonly refused: string }>;

const isEvent = (heard: Heard): heard is Event => 'event' in heard;

/** The events of each onboarding, each where it came first. */
const firstComings = (heard: readonly Heard[]): ReadonlyMap<string, readonly Event[]> => {
  const seen = new Set<string>();
  const of = new Map<string, Event[]>();
  for (const one of heard.filter(isEvent)) {
    if (seen.has(one.messageId)) continue;
    seen.add(one.messageId);
    const events = of.get(one.event.data.id) ?? [];
    of.set(one.event.data.id, [...events, one]);
  }
  return of;
};

const ENDINGS: ReadonlySet<string> = new Set(['onboarding.ended', 'onboarding.failed']);

/** What was told of checks that the applicant has not passed, and not told of those that they have. */
const misToldChecks = (events: readonly Event[], { passes, outcome }: Persona): readonly string[] => {
  const told = new Set(
    events.flatMap(({ event }) => (event.type === 'onboarding.check.passed' ? [event.data.check ?? ''] : [])),
  );
  const wrong = [...told].filter((check) => !passes.some((one) => one === check));
  const untold = outcome === 'verified' ? passes.filter((check) => !told.has(check)) : [];
  return [
    ...wrong.map((check) => `${check} was told to have passed`),
    ...untold.map((check) => `${check} was not told to have passed`),
  ];
};

/** What is wrong with the events that were told of an onboarding. */
const faultsIn = (events: readonly Event[], told: ToldOutcome | undefined): readonly string[] => {
  const sequences = events.map(({ event }) => event.data.sequence);
  const endings = events.filter(({ event }) => ENDINGS.has(event.type));
  const [ending] = endings;
  const decision = ending?.event.data.decision;
  return [
    ...(sequences.every((sequence, index) => sequence === index + 1) ? [] : [`came as ${sequences.join(', ')}`]),
    ...(endings.length === 1 ? [] : [`${endings.length} endings were told`]),
    ...(ending === undefined || ending === events.at(-1) ? [] : ['something was told after the ending']),
    ...(decision?.outcome === told?.outcome && decision?.reason === told?.reason
      ? []
      : [`told as ${decision?.outcome}, and the API says ${told?.outcome}`]),
  ];
};

const judgeCallbacks = ({ cast, outcomes, heard }: Evidence): readonly Violation[] => {
  const found = finding('callbacks');
  const events = firstComings(heard);
  const refused = heard.length - heard.filter(isEvent).length;
  const strangers = [...events.keys()].filter((id) => !cast.some(({ reference }) => reference === id));
  return [
    ...(refused === 0 ? [] : [found('all', `${refused} without a good signature`)]),
    ...strangers.map((id) => found(id, 'nobody has started it')),
    ...cast.flatMap(({ reference }) =>
      faultsIn(events.get(reference) ?? [], outcomes.get(reference)).map((what) => found(reference, what)),
    ),
    ...cast.flatMap(({ reference, persona }) =>
      misToldChecks(events.get(reference) ?? [], personaOf(persona)).map((what) => found(reference, what)),
    ),
  ];
};

const judgeReplays = ({ cast, replayed, workflowIds }: Evidence): readonly Violation[] => {
  const found = finding('replays');
  const ids = new Set(replayed.map(({ workflowId }) => workflowId));
  const missing = cast.filter(({ reference }) => !ids.has(workflowIds.get(reference) ?? ''));
  return [
    ...replayed.flatMap(({ workflowId, mismatch }) => (mismatch === undefined ? [] : [found(workflowId, mismatch)])),
    ...missing.map(({ reference }) => found(reference, 'Temporal has no history of it')),
  ];
};

const BLIND = 'what has to be there was not found: the search saw nothing';

const judgeSecrecy = ({ searched, databaseIsRead }: Evidence): readonly Violation[] => {
  const found = finding('nothingReadable');
  return [
    ...(databaseIsRead ? [] : [found('the database', BLIND)]),
    ...searched.flatMap((place) => [
      ...place.found.map((what) => found(place.where, what)),
      ...(place.seesMarker ? [] : [found(place.where, BLIND)]),
    ]),
  ];
};

/** Everything that may not be and is. An empty list acquits. */
export const judge = (evidence: Evidence): readonly Violation[] => [
  ...[...evidence.stopped].map(([reference, what]) => finding('unstopped')(reference, what)),
  ...judgeOutcomes(evidence),
  ...judgeAgreement(evidence),
  ...judgeRepetition(evidence),
  ...judgeCallbacks(evidence),
  ...judgeReplays(evidence),
  ...judgeSecrecy(evidence),
];
