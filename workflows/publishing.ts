import type { SearchAttributePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { currentRegistration } from '../domain/reports.js';
import { awaitsReview } from '../domain/review.js';
import { pendingChecks, snapshot } from '../domain/snapshot.js';
import type { State } from '../domain/state.js';
import type { Casefile } from './casefile.js';
import { checklist } from './checklist.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from './search-attributes.js';

const statusOf = (state: State): OnboardingStatus => {
  if (state.progress.phase === 'ended') return state.progress.decision.outcome;
  return awaitsReview(state) ? 'inReview' : state.progress.phase;
};

const attributesOf = ({ state, contactKeys }: Casefile): SearchAttributePair[] => {
  const current = currentRegistration(state)?.appRegistrationId;
  const ids = [...(current === undefined ? [] : [current]), ...state.formerRegistrationIds];
  return [
    { key: SEARCH_ATTRIBUTES.status, value: statusOf(state) },
    { key: SEARCH_ATTRIBUTES.pending, value: state.progress.phase === 'ended' ? [] : [...pendingChecks(state)] },
    { key: SEARCH_ATTRIBUTES.registrationIds, value: ids },
    { key: SEARCH_ATTRIBUTES.contact, value: [...contactKeys] },
    { key: SEARCH_ATTRIBUTES.generation, value: state.generation },
    { key: SEARCH_ATTRIBUTES.deadline, value: new Date(state.deadline) },
  ];
};

const comparable = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) && value.length === 0 ? null : (value ?? null));

/** Shows the state to whoever opens the workflow in the Temporal UI. Costs no history: the worker answers with it when it is asked. */
export const showDetails = ({ state }: Casefile): void => setCurrentDetails(checklist(snapshot(state, Date.now())));

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
