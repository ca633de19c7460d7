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

/** Shows the state in the Temporal UI: the details always, the search attributes where they have changed, in one command. */
export const publish = (casefile: Casefile): void => {
  setCurrentDetails(checklist(snapshot(casefile.state, Date.now())));
  const shown = new Map(
    workflowInfo()
      .typedSearchAttributes.getAll()
      .map(({ key, value }) => [key.name, comparable(value)]),
  );
  const changed = attributesOf(casefile).filter(
    ({ key, value }) => comparable(value) !== (shown.get(key.name) ?? comparable(undefined)),
  );
  if (changed.length > 0) upsertSearchAttributes(changed);
};
