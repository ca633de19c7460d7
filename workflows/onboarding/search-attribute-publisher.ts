import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { OnboardingInput } from '../../contract/messages.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { validUntilText } from '../../contract/validity.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { currentRegistration, pendingChecks, reportsOn } from '../../domain/reports.js';
import { awaitsReview, reviewReasons } from '../../domain/review/state.js';
import { isRequired, type State } from '../../domain/state.js';

const statusOf = (state: State): OnboardingStatus => {
  if (state.progress.phase === 'ended') return state.progress.decision.outcome;
  return awaitsReview(state) ? 'inReview' : state.progress.phase;
};

/** A search attribute holds 2 KiB: so many ids of 64 characters. */
const MAX_VALIDATION_IDS = 30;

/** One word each, so that no server's analysis of the text takes an id apart. */
const isOneWord = (id: string): boolean => /^[A-Za-z0-9]{1,64}$/.test(id);

/**
 * The ids of the known validations, the most certain last: failed ones, those in reports alone, those that were read.
 */
const validationIdsOf = (state: State): readonly string[] => {
  const required = CHECK_NAMES.map((name) => state.checks[name]).filter(isRequired);
  const ids = [
    ...required.flatMap(({ failedValidations }) => failedValidations),
    ...CHECK_NAMES.flatMap((name) => reportsOn(state, name).flatMap(({ validationId }) => validationId ?? [])),
    ...required.flatMap(({ validationId }) => validationId ?? []),
  ].filter(isOneWord);
  // The last of equal ids stays.
  return [...new Set(ids.reverse())].reverse().slice(-MAX_VALIDATION_IDS);
};

const textOf = (ids: readonly string[]): string | null => (ids.length === 0 ? null : ids.join(' '));

const validUntilOf = ({ progress }: State): string | null => {
  const validUntil = progress.phase === 'ended' ? progress.decision.validUntil : undefined;
  return validUntil === undefined ? null : validUntilText(validUntil);
};

/** The part of the state that is published. */
interface Searchable {
  readonly state: State;
  readonly contactKeys: readonly string[];
}

/** The part of a run whose state is published. */
interface Source extends Searchable {
  readonly input: Pick<OnboardingInput, 'publishChecksWithinMs'>;
  /** In ms since the Unix epoch. */
  now(): number;
}

const reviewAttributesOf = (state: State): SearchAttributeUpdatePair[] => {
  const review = awaitsReview(state) ? state.review : undefined;
  const reasons = review === undefined ? [] : reviewReasons(state);
  return [
    { key: SEARCH_ATTRIBUTES.reviewDue, value: review === undefined ? null : new Date(review.dueAt) },
    { key: SEARCH_ATTRIBUTES.reviewReason, value: textOf(reasons) },
    { key: SEARCH_ATTRIBUTES.claimedBy, value: review?.claim?.reviewer ?? null },
  ];
};

const attributesOf = ({ state, contactKeys }: Searchable): SearchAttributeUpdatePair[] => {
  const current = currentRegistration(state)?.appRegistrationId;
  const ids = [...(current === undefined ? [] : [current]), ...state.formerRegistrationIds];
  return [
    { key: SEARCH_ATTRIBUTES.status, value: statusOf(state) },
    { key: SEARCH_ATTRIBUTES.pending, value: state.progress.phase === 'ended' ? [] : [...pendingChecks(state)] },
    { key: SEARCH_ATTRIBUTES.registrationIds, value: ids },
    { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
    { key: SEARCH_ATTRIBUTES.generation, value: state.generation },
    { key: SEARCH_ATTRIBUTES.deadline, value: new Date(state.deadline) },
    { key: SEARCH_ATTRIBUTES.policy, value: state.namedPolicy?.policyName ?? null },
    { key: SEARCH_ATTRIBUTES.validationIds, value: textOf(validationIdsOf(state)) },
    ...reviewAttributesOf(state),
    { key: SEARCH_ATTRIBUTES.validUntil, value: validUntilOf(state) },
  ];
};

/** An attribute's value as a text: an absent value and an empty list are equal. */
const comparable = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) && value.length === 0 ? null : (value ?? null));

const ABSENT = comparable(undefined);

/** The attributes by which operators find onboardings that are stuck. */
const STATUS_ATTRIBUTES: readonly string[] = [SEARCH_ATTRIBUTES.status.name, SEARCH_ATTRIBUTES.pending.name];

/** The attributes that change with every check of an applicant who is active. */
const DEFERRABLE_ATTRIBUTES: readonly string[] = [
  SEARCH_ATTRIBUTES.pending.name,
  SEARCH_ATTRIBUTES.pendingSince.name,
  SEARCH_ATTRIBUTES.validationIds.name,
];

interface Attribute {
  readonly pair: SearchAttributeUpdatePair;
  readonly text: string;
}

const attribute = (pair: SearchAttributeUpdatePair): Attribute => ({ pair, text: comparable(pair.value) });

const statusText = (textOf: (name: string) => string | undefined): string =>
  STATUS_ATTRIBUTES.map((name) => textOf(name) ?? ABSENT).join();

/**
 * Publishes the search attributes that have changed, all in one command. Attributes that change with every check may
 * wait for `publishChecksWithinMs`: each command is an event of the history, and a row to write for the server.
 */
export class SearchAttributePublisher {
  readonly #source: Source;
  /** In ms. */
  readonly #checksWithinMs: number;
  /** The published values as texts, by the attribute's name. */
  readonly #published: Map<string, string>;
  #status: string;
  #statusSince: Date | undefined;
  #noted: Searchable | undefined;
  #changed: readonly Attribute[] = [];
  #changedSince: number | undefined;

  constructor(source: Source) {
    this.#source = source;
    const { publishChecksWithinMs = 0 } = source.input;
    this.#checksWithinMs = Number.isSafeInteger(publishChecksWithinMs) ? publishChecksWithinMs : 0;
    const { typedSearchAttributes } = workflowInfo();
    this.#published = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, comparable(value)]));
    this.#status = statusText((name) => this.#published.get(name));
    this.#statusSince = typedSearchAttributes.get(SEARCH_ATTRIBUTES.pendingSince);
    // A caller that set no search attributes at the start should find the onboarding all the same.
    if (typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) === undefined) this.publish();
  }

  /** Compares the state with the published attributes. To be called at every event. */
  noteState(): void {
    const { state, contactKeys } = this.#source;
    if (state === this.#noted?.state && contactKeys === this.#noted.contactKeys) return;
    this.#noted = { state, contactKeys };
    const now = this.#source.now();
    const attributes = attributesOf({ state, contactKeys }).map(attribute);
    const status = statusText((name) => attributes.find(({ pair }) => pair.key.name === name)?.text);
    if (status !== this.#status) this.#statusSince = new Date(now);
    this.#status = status;
    const since = attribute({ key: SEARCH_ATTRIBUTES.pendingSince, value: this.#statusSince ?? null });
    this.#changed = [...attributes, since].filter(
      ({ pair, text }) => text !== (this.#published.get(pair.key.name) ?? ABSENT),
    );
    this.#changedSince = this.#changed.length === 0 ? undefined : (this.#changedSince ?? now);
  }

  /** The time by which changes are to be published, in ms since the Unix epoch; infinity where there are none. */
  get dueAt(): number {
    if (this.#changedSince === undefined) return Number.POSITIVE_INFINITY;
    const isDeferrable = this.#changed.every(({ pair }) => DEFERRABLE_ATTRIBUTES.includes(pair.key.name));
    return this.#changedSince + (isDeferrable ? this.#checksWithinMs : 0);
  }

  /** Publishes all changes. */
  publish(): void {
    this.noteState();
    if (this.#changed.length === 0) return;
    upsertSearchAttributes(this.#changed.map(({ pair }) => pair));
    for (const { pair, text } of this.#changed) this.#published.set(pair.key.name, text);
    this.#changed = [];
    this.#changedSince = undefined;
  }

  /** Publishes all changes if one of them is due. */
  publishDue(): void {
    this.noteState();
    if (this.dueAt <= this.#source.now()) this.publish();
  }
}
