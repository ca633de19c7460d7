import proto from '@temporalio/proto';
import type { Candidate } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { Cost, Figures } from '../results.js';
import { billableActions, countBy, type HistoryEvent } from './actions.js';

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

/** Returns the name of the event's type in the Temporal UI. */
const nameOf = ({ eventType }: HistoryEvent): string => NAME_OF_EVENT.get(eventType) ?? 'unknown';

/** Long enough that each signal has its own workflow task: the most expensive happy path. */
const BETWEEN_SIGNALS_MS = 150;

const costOf = async (candidate: Candidate, temporal: Servers['temporal']): Promise<Cost> => {
  const running = await candidate.start();
  await running.finish(BETWEEN_SIGNALS_MS);
  const handle = temporal.workflow.getHandle(running.workflowId);
  const { historySize = 0 } = await handle.describe();
  const events = (await handle.fetchHistory()).events ?? [];
  return {
    historyEvents: events.length,
    historyBytes: historySize,
    events: countBy(events.map(nameOf)),
    actions: billableActions(events),
  };
};

/** Measures the history of one execution of each candidate. */
export const measureCosts = async ({ onboarding, baseline, temporal }: Servers): Promise<Figures<'costs'>> => ({
  onboarding: await costOf(onboarding, temporal),
  baseline: await costOf(baseline, temporal),
});
