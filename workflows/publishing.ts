import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { CHECK_NAMES } from '../domain/checks.js';
import { UNIDENTIFIED } from '../domain/reads.js';
import { currentRegistration } from '../domain/reports.js';
import { awaitsReview } from '../domain/review.js';
import { pendingChecks, snapshot } from '../domain/snapshot.js';
import { isRequired, type State } from '../domain/state.js';
import type { Casefile } from './casefile.js';
import { checklist } from './checklist.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from './search-attributes.js';

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

const attributesOf = ({ state, contactKeys, publishesValidationIds }: Casefile): SearchAttributeUpdatePair[] => {
  const current = currentRegistration(state)?.appRegistrationId;
  const ids = [...(current === undefined ? [] : [current]), ...state.formerRegistrationIds];
  return [
    { key: SEARCH_ATTRIBUTES.status, value: statusOf(state) },
    { key: SEARCH_ATTRIBUTES.pending, value: state.progress.phase === 'ended' ? [] : [...pendingChecks(state)] },
    { key: SEARCH_ATTRIBUTES.registrationIds, value: ids },
    { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
    { key: SEARCH_ATTRIBUTES.generation, value: state.generation },
    { key: SEARCH_ATTRIBUTES.deadline, value: new Date(state.deadline) },
    ...(publishesValidationIds
      ? [{ key: SEARCH_ATTRIBUTES.validationIds, value: textOf(validationIdsOf(state)) }]
      : []),
  ];
};

const comparable = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) && value.length === 0 ? null : (value ?? null));

/** Shows the state to whoever opens the workflow in the Temporal UI. Costs no history: the worker answers with it when it is asked. */
export const showDetails = (casefile: Casefile): void =>
  setCurrentDetails(checklist(snapshot(casefile.state, casefile.now())));

const STANDING: readonly string[] = [SEARCH_ATTRIBUTES.status.name, SEARCH_ATTRIBUTES.pending.name];

/** Makes the state searchable: the search attributes that have changed, in one command. */
export const publish = (casefile: Casefile): void => {
  const shown = new Map(
    workflowInfo()
      .typedSearchAttributes.getAll()
      .map(({ key, value }) => [key.name, comparable(value)]),
  );
  const changed = attributesOf(casefile).filter(
    ({ key, value }) => comparable(value) !== (shown.get(key.name) ?? comparable(undefined)),
  );
  if (changed.length === 0) return;
  const moved = changed.some(({ key }) => STANDING.includes(key.name));
  upsertSearchAttributes([...changed, ...(moved ? [{ key: SEARCH_ATTRIBUTES.pendingSince, value: new Date() }] : [])]);
};
