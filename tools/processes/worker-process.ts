import { dirname, join } from 'node:path';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { freePort } from '../servers/index.js';
import { type ServiceProcess, startService } from './service-process.js';

export interface WorkerProcessOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  /** The file of the key ring that encrypts payloads. */
  readonly keysFile: string;
  readonly taskQueue?: string;
  /** What the worker is a version of: it is given nothing before that is current or ramping. */
  readonly version?: WorkerDeploymentVersion;
  /** The bundle of the workflows, where it is not the one that the build made. */
  readonly workflowBundle?: string;
  /** The file of the endpoints that events are sent to. */
  readonly callbacksFile?: string;
  /** Where batches find their files and leave their reports. */
  readonly batchFolder?: string;
  /** How many calls a second all batches may make to Verifik. */
  readonly callsPerSecond?: number;
  /** The secret of the keyed hashes of contacts. */
  readonly contactKey?: string;
  /** How many workflows are kept in the cache. */
  readonly maxCachedWorkflows?: number;
  /** The worker's log goes there, appended. */
  readonly logFile: string;
}

/** A worker in a process of its own. */
export interface WorkerProcess extends ServiceProcess {
  readonly metricsUrl: string;
}

const given = (options: WorkerProcessOptions): Record<string, string> => {
  const { taskQueue, version, workflowBundle, callbacksFile, callsPerSecond, contactKey, maxCachedWorkflows } = options;
  return {
    ...(taskQueue === undefined ? {} : { ONBOARDING_TASK_QUEUE: taskQueue }),
    // Without a version also where the shell has these set: nobody makes such a one current.
    TEMPORAL_DEPLOYMENT_NAME: version?.deploymentName ?? '',
    TEMPORAL_WORKER_BUILD_ID: version?.buildId ?? '',
    ...(workflowBundle === undefined ? {} : { ONBOARDING_WORKFLOW_BUNDLE: workflowBundle }),
    ...(callbacksFile === undefined ? {} : { ONBOARDING_CALLBACKS_FILE: callbacksFile }),
    ...(callsPerSecond === undefined ? {} : { VERIFIK_CALLS_PER_SECOND: String(callsPerSecond) }),
    ...(contactKey === undefined ? {} : { ONBOARDING_CONTACT_KEY: contactKey }),
    ...(maxCachedWorkflows === undefined ? {} : { ONBOARDING_MAX_CACHED_WORKFLOWS: String(maxCachedWorkflows) }),
  };
};

/** Starts a worker and answers when it takes tasks. */
export const startWorkerProcess = async (options: WorkerProcessOptions): Promise<WorkerProcess> => {
  const { temporalAddress, namespace, verifikBaseUrl, clientToken, keysFile, logFile } = options;
  const healthAddress = `127.0.0.1:${await freePort()}`;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const worker = await startService({
    room: 'worker',
    keysFile,
    healthAddress,
    logFile,
    env: {
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
      VERIFIK_BASE_URL: verifikBaseUrl,
      VERIFIK_CLIENT_TOKEN: clientToken,
      ONBOARDING_HEALTH_ADDRESS: healthAddress,
      ONBOARDING_METRICS_ADDRESS: metricsAddress,
      // Beside the log, unless told otherwise: a process of ours leaves nothing in the folder that it is started in.
      ONBOARDING_BATCH_FOLDER: options.batchFolder ?? join(dirname(logFile), 'batches'),
      ...given(options),
    },
  });
  return { ...worker, metricsUrl: `http://${metricsAddress}/metrics` };
};
