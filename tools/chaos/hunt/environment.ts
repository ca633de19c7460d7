import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { BatchClient } from '../../../client/batches/batches.js';
import { OnboardingClient } from '../../../client/index.js';
import { ReportRouter } from '../../../client/reports.js';
import { defined } from '../../../shared/defined.js';
import { Opened } from '../../processes/opened.js';
import { type Supervised, supervise } from '../../processes/supervised.js';
import { connectClient } from '../../processes/temporal.js';
import { startWorkerProcess, type WorkerProcess } from '../../processes/worker-process.js';
import { type Base, type BaseOptions, keysFileOf, openBase, writeCallbacksFile } from '../environment/base.js';

const CONTACT_KEY = 'the-contact-key-of-the-hunt';

/** A worker may be away for longer: the caller goes on. */
const CALL_WITHIN_MS = 5_000;

export interface EnvironmentOptions extends BaseOptions {
  readonly workers: number;
  /** How many workflows each worker keeps in its cache; the worker's own default where it is absent. */
  readonly maxCachedWorkflows: number | undefined;
}

/** The processes of a hunt, and the clients that reach Temporal without anything in between. */
export interface Environment extends Base {
  readonly workers: readonly Supervised<WorkerProcess>[];
  readonly raw: Client;
  readonly onboardings: OnboardingClient;
  readonly batches: BatchClient;
  readonly reports: ReportRouter;
  close(): Promise<void>;
}

/** Starts a Temporal server, the sandbox, a receiver of callbacks and the workers. */
export const openEnvironment = (options: EnvironmentOptions): Promise<Environment> =>
  Opened.closingOnFailure(async (opened) => {
    const { maxCachedWorkflows } = options;
    const base = await openBase(opened, options, ['worker']);
    const { folder, temporal, verifik, keyRings } = base;
    const callbacksFile = writeCallbacksFile(base);
    const workers: Supervised<WorkerProcess>[] = [];
    for (let number = 1; number <= options.workers; number += 1) {
      const start = () =>
        startWorkerProcess({
          temporalAddress: temporal.address,
          namespace: temporal.namespace,
          verifikBaseUrl: verifik.url,
          clientToken: verifik.clientToken,
          contactKey: CONTACT_KEY,
          keysFile: keysFileOf(folder, 'worker'),
          callbacksFile,
          ...defined({ maxCachedWorkflows }),
          logFile: join(folder, `worker-${number}.log`),
        });
      workers.push(opened.add(await supervise(start)));
    }
    const raw = await connectClient(temporal, keyRings.provider);
    opened.add(raw.connection);
    return {
      ...{ ...base, workers, raw, close: () => opened.close() },
      onboardings: new OnboardingClient(raw, { contactKey: CONTACT_KEY, timeoutMs: CALL_WITHIN_MS }),
      batches: new BatchClient(raw),
      reports: new ReportRouter(raw, { withinMs: 5_000 }),
    };
  });
