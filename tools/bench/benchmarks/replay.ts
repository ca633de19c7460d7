import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { sum } from 'simple-statistics';
import { defined } from '../../../shared/defined.js';
import { BUILT_BUNDLE } from '../../../worker/bundle.js';
import { watchedWorker } from '../../../worker/workflow-thread.js';
import type { Candidate } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import type { Figures } from '../results.js';
import { alternate, compared, timed } from '../rounds.js';

type History = Awaited<ReturnType<ReturnType<Servers['temporal']['workflow']['getHandle']>['fetchHistory']>>;

interface RecordedHistories {
  /** The class of the worker: each candidate's own. */
  readonly replaying: typeof Worker;
  readonly bundle: WorkflowBundle;
  readonly dataConverter?: DataConverter;
  readonly histories: readonly { readonly workflowId: string; readonly history: History }[];
}

const BETWEEN_SIGNALS_MS = 50;

const EXECUTION_LIMIT_MS = 30_000;

const record = async (
  candidate: Candidate,
  { temporal }: Servers,
  count: number,
): Promise<RecordedHistories['histories']> => {
  const recorded: { workflowId: string; history: History }[] = [];
  for (let made = 0; made < count; made += 1) {
    const running = await candidate.start();
    await running.finish(BETWEEN_SIGNALS_MS);
    const { workflowId } = running;
    recorded.push({ workflowId, history: await temporal.workflow.getHandle(workflowId).fetchHistory() });
  }
  return recorded;
};

/** Replays all histories, and returns the number of events per second. */
const replay = async ({ replaying, bundle, dataConverter, histories }: RecordedHistories): Promise<number> => {
  // As in production, workflows run in a thread of their own.
  const options = { workflowBundle: bundle, debugMode: false, ...defined({ dataConverter }) };
  const { ms } = await timed(async () => {
    for await (const { workflowId, error } of replaying.runReplayHistories(options, histories))
      if (error !== undefined) throw new Error(`${workflowId} does not replay: ${error.message}`);
  });
  return (sum(histories.map(({ history }) => history.events?.length ?? 0)) / ms) * 1_000;
};

/** Measures the rate at which a worker restores workflows that are not in its cache. */
export const measureReplay = async (
  servers: Servers,
  rounds: number,
  histories: number,
): Promise<Figures<'replay'>> => {
  const { onboarding, baseline, temporal } = servers;
  const recorded = {
    onboarding: {
      replaying: watchedWorker(EXECUTION_LIMIT_MS),
      bundle: { code: await readFile(BUILT_BUNDLE, 'utf8') },
      dataConverter: temporal.options.dataConverter,
      histories: await record(onboarding, servers, histories),
    },
    baseline: {
      replaying: Worker,
      bundle: await bundleWorkflowCode({
        workflowsPath: fileURLToPath(new URL('../baseline/workflow.js', import.meta.url)),
        logger: new DefaultLogger('WARN'),
      }),
      histories: await record(baseline, servers, histories),
    },
  };
  const rates = await alternate(servers, rounds, ({ name }) => replay(recorded[name]));
  return { histories, eventsPerSecond: compared(rates, (rate) => rate) };
};
