import { freePort } from '../devserver/index.js';
import { type ServiceProcess, startService } from './service-process.js';

export interface WorkerProcessOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  /** The file of the key ring that encrypts payloads. */
  readonly keysFile: string;
  readonly taskQueue?: string;
  /** The file of the endpoints that events are sent to. */
  readonly callbacksFile?: string;
  /** The worker's log goes there, appended. */
  readonly logFile: string;
}

/** A worker in a process of its own. */
export interface WorkerProcess extends ServiceProcess {
  readonly metricsUrl: string;
}

/** Starts a worker and answers when it takes tasks. */
export const startWorkerProcess = async (options: WorkerProcessOptions): Promise<WorkerProcess> => {
  const { temporalAddress, namespace, verifikBaseUrl, clientToken, keysFile, taskQueue, callbacksFile, logFile } =
    options;
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
      ...(taskQueue === undefined ? {} : { ONBOARDING_TASK_QUEUE: taskQueue }),
      ...(callbacksFile === undefined ? {} : { ONBOARDING_CALLBACKS_FILE: callbacksFile }),
    },
  });
  return { ...worker, metricsUrl: `http://${metricsAddress}/metrics` };
};
