import proto from '@temporalio/proto';
import { type Contender, finish } from '../contenders.js';
import type { Cost, Costs } from '../results.js';
import type { Servers } from '../setting/servers.js';
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

/** Long enough that each signal has a workflow task of its own: the dearest that the happy path can be. */
const BETWEEN_SIGNALS_MS = 150;

const costOf = async (contender: Contender, temporal: Servers['temporal']): Promise<Cost> => {
  const running = await contender.start();
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

/** What one onboarding leaves in Temporal, and one of the floor. */
export const measureCosts = async ({ onboarding, floor, temporal }: Servers): Promise<Costs> => ({
  onboarding: await costOf(onboarding, temporal),
  floor: await costOf(floor, temporal),
});
