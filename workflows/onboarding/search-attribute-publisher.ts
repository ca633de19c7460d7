import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { OnboardingInput } from '../../contract/messages.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { UNIDENTIFIED } from '../../domain/reads.js';
import { currentRegistration } from '../../domain/reports.js';
import { awaitsReview } from '../../domain/review.js';
import { pendingChecks } from '../../domain/snapshot.js';
import { isRequired, type State } from '../../domain/state.js';

const statusOf = (state: State): OnboardingStatus => {
  if (state.progress.phase === 'ended') return state.progress.decision.outcome;
  return awaitsReview(state) ? 'inReview' : state.progress.phase;
};

/** What a search attribute of 2 KiB holds of ids of 64 characters. */
const MAX_VALIDATION_IDS = 30;

/** One word each, so that no server's analysis of the text takes an id apart. */
const isOneWord = (id: string): boolean => /^[A-Za-z0-9]{1,64}$/.test(id);

/** The validations that are known, the surest last: those that failed, those that reports alone speak of, those that were read. */
const validationIdsOf = ({ checks }: State): readonly string[] => {
  const required = CHECK_NAMES.map((name) => checks[name]).filter(isRequired);
  const ids = [
    ...required.flatMap(({ failedValidations }) => failedValidations.filter((id) => id !== UNIDENTIFIED)),
    ...required.flatMap(({ claims }) => claims.flatMap(({ validationId }) => validationId ?? [])),
    ...required.flatMap(({ validationId }) => validationId ?? []),
  ].filter(isOneWord);
  // Of what stands there twice, the last one stays.
  return [...new Set(ids.reverse())].reverse().slice(-MAX_VALIDATION_IDS);
};

const textOf = (ids: readonly string[]): string | null => (ids.length === 0 ? null : ids.join(' '));

/** What is made searchable. */
interface Onboarding {
  readonly state: State;
  readonly contactKeys: readonly string[];
}

/** The onboarding as it stands. */
interface Subject extends Onboarding {
  /** In ms since the Unix epoch. */
  now(): number;
}

const attributesOf = ({ state, contactKeys }: Onboarding, withValidationIds: boolean): SearchAttributeUpdatePair[] => {
  const current = currentRegistration(state)?.appRegistrationId;
  const ids = [...(current === undefined ? [] : [current]), ...state.formerRegistrationIds];
  return [
    { key: SEARCH_ATTRIBUTES.status, value: statusOf(state) },
    { key: SEARCH_ATTRIBUTES.pending, value: state.progress.phase === 'ended' ? [] : [...pendingChecks(state)] },
    { key: SEARCH_ATTRIBUTES.registrationIds, value: ids },
    { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
    { key: SEARCH_ATTRIBUTES.generation, value: state.generation },
    { key: SEARCH_ATTRIBUTES.deadline, value: new Date(state.deadline) },
    ...(withValidationIds ? [{ key: SEARCH_ATTRIBUTES.validationIds, value: textOf(validationIdsOf(state)) }] : []),
  ];
};

const comparable = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) && value.length === 0 ? null : (value ?? null));

const NOTHING = comparable(undefined);

/** Where an onboarding stands, for whoever looks for those that are stuck. */
const STANDING: readonly string[] = [SEARCH_ATTRIBUTES.status.name, SEARCH_ATTRIBUTES.pending.name];

/** What changes with every check of an applicant who is at it. */
const PASSING: readonly string[] = [
  SEARCH_ATTRIBUTES.pending.name,
  SEARCH_ATTRIBUTES.pendingSince.name,
  SEARCH_ATTRIBUTES.validationIds.name,
];

/** An attribute, and its value as a text by which two of them are compared. */
interface Comparable {
  readonly pair: SearchAttributeUpdatePair;
  readonly text: string;
}

const comparably = (pair: SearchAttributeUpdatePair): Comparable => ({ pair, text: comparable(pair.value) });

const standingOf = (attributes: readonly Comparable[]): string =>
  STANDING.map((name) => attributes.find(({ pair }) => pair.key.name === name)?.text ?? NOTHING).join();

type Options = Pick<OnboardingInput, 'publishValidationIds' | 'publishChecksWithinMs'>;

/**
 * Makes the state searchable. What has changed is published in one command. What changes with every check may wait for a while: each
 * command is an event of the history, and a row to write for the server.
 */
export class Visibility {
  readonly #subject: Subject;
  readonly #withValidationIds: boolean;
  /** In ms; undefined in onboardings from before checks could wait. */
  readonly #checksWithinMs: number | undefined;
  /** What can be searched for by now: comparable, by the attribute's name. */
  readonly #shown: Map<string, string>;
  #standing: string;
  #standsSince: Date | undefined;
  #noted: Onboarding | undefined;
  #changed: readonly Comparable[] = [];
  #behindSince: number | undefined;

  constructor(subject: Subject, { publishValidationIds, publishChecksWithinMs }: Options) {
    this.#subject = subject;
    this.#withValidationIds = publishValidationIds === true;
    this.#checksWithinMs = Number.isSafeInteger(publishChecksWithinMs) ? publishChecksWithinMs : undefined;
    const { typedSearchAttributes } = workflowInfo();
    this.#shown = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, comparable(value)]));
    this.#standing = STANDING.map((name) => this.#shown.get(name) ?? NOTHING).join();
    this.#standsSince = typedSearchAttributes.get(SEARCH_ATTRIBUTES.pendingSince);
  }

  /** Takes note of the state: to be called whenever it may have changed. */
  note(): void {
    const { state, contactKeys } = this.#subject;
    if (state === this.#noted?.state && contactKeys === this.#noted.contactKeys) return;
    this.#noted = { state, contactKeys };
    const now = this.#subject.now();
    const attributes = attributesOf({ state, contactKeys }, this.#withValidationIds).map(comparably);
    const standing = standingOf(attributes);
    if (standing !== this.#standing) this.#standsSince = new Date(now);
    this.#standing = standing;
    const since = comparably({ key: SEARCH_ATTRIBUTES.pendingSince, value: this.#standsSince ?? null });
    const changed = [...attributes, since].filter(
      ({ pair, text }) => text !== (this.#shown.get(pair.key.name) ?? NOTHING),
    );
    // Onboardings from before have no such command in their histories.
    const bySinceAlone = this.#checksWithinMs === undefined && changed.every((one) => one === since);
    this.#changed = bySinceAlone ? [] : changed;
    this.#behindSince = this.#changed.length === 0 ? undefined : (this.#behindSince ?? now);
  }

  /** When what has changed is to be published at the latest, in ms since the Unix epoch; infinitely far where nothing has. */
  get dueAt(): number {
    if (this.#behindSince === undefined) return Number.POSITIVE_INFINITY;
    const mayWait = this.#changed.every(({ pair }) => PASSING.includes(pair.key.name));
    return this.#behindSince + (mayWait ? (this.#checksWithinMs ?? 0) : 0);
  }

  /** Publishes all that has changed. */
  publish(): void {
    this.note();
    if (this.#changed.length === 0) return;
    upsertSearchAttributes(this.#changed.map(({ pair }) => pair));
    for (const { pair, text } of this.#changed) this.#shown.set(pair.key.name, text);
    this.#changed = [];
    this.#behindSince = undefined;
  }

  /** Publishes all that has changed, if any of it may wait no longer. */
  publishWhatIsDue(): void {
    this.note();
    if (this.dueAt <= this.#subject.now()) this.publish();
  }
}
