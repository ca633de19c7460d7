import { dirname, join } from 'node:path';
import { writeEndpoint } from '../../tools/processes/callback-receiver.js';
import {
  type CallbackReceiverProcess,
  startCallbackReceiverProcess,
} from '../../tools/processes/callback-receiver-process.js';
import {
  createGatewaySecrets,
  type GatewayProcess,
  startGatewayProcess,
} from '../../tools/processes/gateway-process.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { freePort } from '../../tools/servers/index.js';
import { openRealServers, type RealServers } from './real-servers.js';

/** A gateway, a worker and the callback receiver of a service as separate processes. */
export interface FrontServers extends RealServers {
  /** Returns the current gateway process. Its address stays the same after a crash. */
  gateway(): GatewayProcess<'shop'>;
  readonly service: CallbackReceiverProcess;
  /** Each kills a process, and starts it again. */
  crashGateway(): Promise<void>;
  crashWorker(): Promise<void>;
  crashService(): Promise<void>;
  /** Calls the gateway's API with the key of the tenant `shop`. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/**
 * Starts all processes, worker and gateway with further environment variables. The sandbox sends webhooks to the
 * gateway; the tenant `shop` sends callbacks to the service.
 */
export const openFrontServers = async (
  settings: Parameters<typeof openRealServers>[0] = {},
  env: Readonly<Record<string, string>> = {},
): Promise<FrontServers> => {
  const real = await openRealServers(settings);
  const folder = dirname(real.logFile);
  const service = await startCallbackReceiverProcess(folder);
  const callbacksFile = join(folder, 'callbacks.json');
  writeEndpoint(callbacksFile, service);
  const startWorker = () => real.startWorker({ callbacksFile, env });
  let worker: WorkerProcess = await startWorker();
  const address = `127.0.0.1:${await freePort()}`;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const secrets = await createGatewaySecrets({
    shop: {
      tenant: 'shop',
      scopes: ['start', 'read', 'review', 'erase', 'personal-data'],
      callbacks: 'service',
      requestsPerMinute: 1_000_000,
    },
  });
  const startGateway = () =>
    startGatewayProcess({
      temporalAddress: real.address,
      namespace: 'default',
      address,
      metricsAddress,
      secrets,
      contactKey: 'a-key-for-the-tests',
      keysFile: real.keysFile,
      logFile: join(folder, 'gateway.log'),
      env,
    });
  let gateway = await startGateway();
  await real.sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
  return {
    ...real,
    service,
    gateway: () => gateway,
    crashGateway: async () => {
      await gateway.kill();
      gateway = await startGateway();
    },
    crashWorker: async () => {
      await worker.kill();
      worker = await startWorker();
    },
    crashService: () => service.down(0),
    call: (method, path, body, headers = {}) =>
      fetch(`${gateway.url}/v1${path}`, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${gateway.keys.shop}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    close: async () => {
      await gateway.kill();
      await service.close();
      await real.close();
    },
  };
};
