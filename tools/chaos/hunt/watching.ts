import { setTimeout as pause } from 'node:timers/promises';
import { workflowIdOfCallbacks } from '../../../contract/messages.js';
import type { Environment } from './environment.js';

const EVERY_MS = 300;

/**
 * The development server loses its database now and then when many calls are cancelled at once (SQLite's "interrupted
 * (9)"): few queries are under way, and each has time.
 */
const ANSWERED_WITHIN_MS = 10_000;
const MOST_UNDER_WAY = 8;

/** Queries that the Temporal UI makes when somebody opens a workflow. */
const UI_QUERIES = ['__temporal_workflow_metadata', '__stack_trace'] as const;

export interface Watch {
  /** How many queries were answered or refused. */
  readonly queries: () => number;
  stop(): Promise<void>;
}

/** Asks an onboarding and the workflow of its callbacks in turns, three times a second until it is stopped. */
export const watch = ({ onboardings, raw }: Environment, workflowId: string): Watch => {
  const stopping = new AbortController();
  const inUi = (id: string, query: string) => () =>
    raw.withDeadline(Date.now() + ANSWERED_WITHIN_MS, () => raw.workflow.getHandle(id).query(query));
  const asks = [
    () => onboardings.status(workflowId, { timeoutMs: ANSWERED_WITHIN_MS }),
    () => onboardings.status(workflowId, { timeoutMs: ANSWERED_WITHIN_MS }),
    () => onboardings.events(workflowId, { timeoutMs: ANSWERED_WITHIN_MS }),
    ...UI_QUERIES.flatMap((query) => [inUi(workflowId, query), inUi(workflowIdOfCallbacks(workflowId), query)]),
  ];
  let queries = 0;
  const underWay = new Set<Promise<unknown>>();
  const ask = async (): Promise<void> => {
    // A refusal is an answer to the reader: what counts is what the queries do to the histories.
    await asks[queries % asks.length]?.().catch(() => undefined);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (underWay.size < MOST_UNDER_WAY) {
        const asked = ask().finally(() => underWay.delete(asked));
        underWay.add(asked);
        queries += 1;
      }
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await Promise.all(underWay);
  };
  const running = run();
  return {
    queries: () => queries,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
};
