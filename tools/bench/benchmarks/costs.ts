import proto from '@temporalio/proto';
import { type Candidate, finish } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { Cost, Costs } from '../results.js';
import { billableActions, eventTypes, type HistoryEvent } from './actions.js';

const { EventType } = proto.temporal.api.enums.v1;

const NAME_OF_EVENT = new Map<unknown, string>(
  Object.entries(EventType).map(([name, value]) => [
    value,
    name
      .replace('EVENT_TYPE_', '')
      .toLowerCase()
      .replace(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase()),
  ]),
);

const nameOf = ({ eventType }: HistoryEvent): string => NAME_OF_EVENT.get(eventType) ?? 'unknown';

/** Long enough that each signal has its own workflow task: the most expensive happy path. */
const BETWEEN_SIGNALS_MS = 150;

const costOf = async (candidate: Candidate, temporal: Servers['temporal']): Promise<Cost> => {
  const running = await candidate.start();
  await finish(running, BETWEEN_SIGNALS_MS);
  const handle = temporal.workflow.getHandle(running.workflowId);
  const { historySize = 0 } = await handle.describe();
  const events = (await handle.fetchHistory()).events ?? [];
  return {
    historyEvents: events.length,
    historyBytes: historySize,
    events: eventTypes(events, nameOf),
    actions: billableActions(events),
  };
};

/** Measures the history of one execution of each candidate. */
export const measureCosts = async ({ onboarding, baseline, temporal }: Servers): Promise<Costs> => ({
  onboarding: await costOf(onboarding, temporal),
  baseline: await costOf(baseline, temporal),
});
