import { dirname, join } from 'node:path';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { freePort } from '../servers/index.js';
import { type ServiceProcess, startService } from './node-process.js';

export interface WorkerProcessOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  readonly keysFile: string;
  readonly taskQueue?: string;
  /** The deployment version. The worker receives no tasks until it is current or ramping. */
  readonly version?: WorkerDeploymentVersion;
  readonly workflowBundle?: string;
  /** The callbacks file, with the endpoints that receive events. */
  readonly callbacksFile?: string;
  /** The file of the named policies. */
  readonly policiesFile?: string;
  readonly batchFolder?: string;
  /** Rate limit of all batches together for calls to Verifik. */
  readonly callsPerSecond?: number;
  readonly contactKey?: string;
  /** The keys that sign evidence, as JSON. */
  readonly evidenceKeys?: string;
  readonly maxCachedWorkflows?: number;
  /** The time after the start of a shutdown when running activities are cancelled. */
  readonly shutdownGraceMs?: number;
  /** Default: a free port of the loopback address. */
  readonly metricsAddress?: string;
  readonly logFile: string;
  /** Further environment variables. They override the others. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerProcess extends ServiceProcess {
  readonly metricsUrl: string;
}

/** Starts a worker and resolves when it polls for tasks. */
export const startWorkerProcess = async (options: WorkerProcessOptions): Promise<WorkerProcess> => {
  const { keysFile, logFile } = options;
  const healthAddress = `127.0.0.1:${await freePort()}`;
  const metricsAddress = options.metricsAddress ?? `127.0.0.1:${await freePort()}`;
  const worker = await startService({
    service: 'worker',
    keysFile,
    healthAddress,
    logFile,
    env: {
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_NAMESPACE: options.namespace,
      VERIFIK_BASE_URL: options.verifikBaseUrl,
      VERIFIK_CLIENT_TOKEN: options.clientToken,
      ONBOARDING_HEALTH_ADDRESS: healthAddress,
      ONBOARDING_METRICS_ADDRESS: metricsAddress,
      // By default beside the log, so that the process writes nothing to its working directory.
      ONBOARDING_BATCH_FOLDER: options.batchFolder ?? join(dirname(logFile), 'batches'),
      TEMPORAL_DEPLOYMENT_NAME: options.version?.deploymentName,
      TEMPORAL_WORKER_BUILD_ID: options.version?.buildId,
      ONBOARDING_TASK_QUEUE: options.taskQueue,
      ONBOARDING_WORKFLOW_BUNDLE: options.workflowBundle,
      ONBOARDING_CALLBACKS_FILE: options.callbacksFile,
      ONBOARDING_POLICIES_FILE: options.policiesFile,
      VERIFIK_CALLS_PER_SECOND: options.callsPerSecond,
      ONBOARDING_CONTACT_KEY: options.contactKey,
      ONBOARDING_EVIDENCE_KEYS: options.evidenceKeys,
      ONBOARDING_MAX_CACHED_WORKFLOWS: options.maxCachedWorkflows,
      ONBOARDING_SHUTDOWN_GRACE_MS: options.shutdownGraceMs,
      ...options.env,
    },
  });
  return { ...worker, metricsUrl: `http://${metricsAddress}/metrics` };
};
