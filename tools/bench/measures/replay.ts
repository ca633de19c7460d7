import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { BUILT_BUNDLE } from '../../../worker/bundle.js';
import { type Contender, finish } from '../contenders.js';
import type { Replay } from '../results.js';
import type { Servers } from '../setting/servers.js';
import { compared } from '../statistics.js';
import { alternate } from './alternate.js';

type History = Awaited<ReturnType<ReturnType<Servers['temporal']['workflow']['getHandle']>['fetchHistory']>>;

interface Recorded {
  readonly bundle: WorkflowBundle;
  readonly dataConverter?: DataConverter;
  readonly histories: readonly { readonly workflowId: string; readonly history: History }[];
}

const BETWEEN_SIGNALS_MS = 50;

const record = async (contender: Contender, { temporal }: Servers, count: number): Promise<Recorded['histories']> => {
  const recorded: { workflowId: string; history: History }[] = [];
  for (let made = 0; made < count; made += 1) {
    const running = await contender.start();
    await finish(running, BETWEEN_SIGNALS_MS);
    const { workflowId } = running;
    recorded.push({ workflowId, history: await temporal.workflow.getHandle(workflowId).fetchHistory() });
  }
  return recorded;
};

/** Replays them all. Answers with how many events a second that were. */
const replay = async ({ bundle, dataConverter, histories }: Recorded): Promise<number> => {
  const began = performance.now();
  const options = { workflowBundle: bundle, ...(dataConverter === undefined ? {} : { dataConverter }) };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
    if (error !== undefined) throw new Error(`${workflowId} does not replay: ${error.message}`);
  const events = histories.reduce((sum, { history }) => sum + (history.events?.length ?? 0), 0);
  return (events / (performance.now() - began)) * 1_000;
};

/** How fast a worker gets back what it no longer has in its cache. */
export const measureReplay = async (servers: Servers, rounds: number, histories: number): Promise<Replay> => {
  const { onboarding, floor, temporal } = servers;
  const recorded = {
    onboarding: {
      bundle: { code: await readFile(BUILT_BUNDLE, 'utf8') },
      dataConverter: temporal.options.dataConverter,
      histories: await record(onboarding, servers, histories),
    },
    floor: {
      bundle: await bundleWorkflowCode({
        workflowsPath: fileURLToPath(new URL('../floor/workflow.js', import.meta.url)),
        logger: new DefaultLogger('WARN'),
      }),
      histories: await record(floor, servers, histories),
    },
  };
  const eventsPerSecond = compared(await alternate(servers, rounds, ({ name }) => replay(recorded[name])));
  return { histories, eventsPerSecond };
};
