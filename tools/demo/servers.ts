import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { onboardingDataConverter } from '../../client/index.js';
import { developmentKeys, developmentKeysPath, fileKeys, KEY_VARIABLES } from '../../codec/index.js';
import { defined } from '../../shared/defined.js';
import { type CallbackReceiver, startCallbackReceiver, writeEndpoint } from '../processes/callback-receiver.js';
import { startCodecServerProcess } from '../processes/codec-server-process.js';
import { type GatewayProcess, startGatewayProcess } from '../processes/gateway-process.js';
import { connectTemporal, type Temporal } from '../processes/temporal.js';
import { startWorkerProcess } from '../processes/worker-process.js';
import { FAULT_PROFILES, type Sandbox, startSandbox } from '../sandbox/index.js';
import { freePort } from '../servers/index.js';
import type { StartOptions } from './options.js';
import type { Print } from './run.js';

/** The key of the demo's contact hashes. Not a secret: the demo's contacts are invented. */
export const CONTACT_KEY = 'the-demo-contact-key';

const TENANT = 'demo';

export const WORKFLOW_ID_PREFIX = `onboarding-${TENANT}:`;

const ENDPOINT = 'demo';

/** The worker's rate limit for batches. The sandbox has no rate limit by default. */
const CALLS_PER_SECOND = 200;

/** The origin of the UI if the Temporal server is not ours. */
const DEFAULT_UI_ORIGIN = 'http://127.0.0.1:8233';

interface Front {
  readonly gateway: GatewayProcess<'demo'>;
  readonly receiver: CallbackReceiver;
}

export interface Shared {
  readonly temporal: Temporal;
  readonly keysFile: string;
  /** The folder of logs and of files with secrets. */
  readonly folder: string;
  readonly batchFolder: string;
}

/** Returns the configured key ring file, or else that of the development key. All processes of the demo share it. */
const sharedKeysFile = async (): Promise<string> => {
  const configured = process.env[KEY_VARIABLES.file];
  if (configured) return resolve(configured);
  const path = developmentKeysPath();
  await developmentKeys(path).read();
  return path;
};

/** Opens the servers and processes of the demo, and closes them in reverse order. */
export class Servers {
  readonly #print: Print;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(print: Print) {
    this.#print = print;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async openShared({ db }: StartOptions): Promise<Shared> {
    const temporal = await connectTemporal(db);
    this.#closers.push(temporal.stop);
    const { address, namespace, uiUrl } = temporal;
    this.#print(`temporal   ${address}, namespace ${namespace}${uiUrl === undefined ? '' : `; UI ${uiUrl}`}`);
    const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-'));
    return { temporal, keysFile: await sharedKeysFile(), folder, batchFolder: join(folder, 'batches') };
  }

  async openSandbox({ seed, behaviour, faults, require }: StartOptions, port: number): Promise<Sandbox> {
    const settings = { reRegistration: behaviour, mandatory: [...require] };
    const sandbox = await startSandbox({ port, seed, settings, faults: FAULT_PROFILES[faults] });
    this.#closers.push(() => sandbox.close());
    this.#print(`sandbox    ${sandbox.url}/v2 (${behaviour}, ${faults}); controls under ${sandbox.url}/_sandbox`);
    return sandbox;
  }

  /** Opens the callback receiver, a worker that sends to it, and the gateway that receives the sandbox's webhooks. */
  async openFront(shared: Shared, sandbox: Sandbox, codecServerUrl?: string): Promise<Front> {
    const receiver = await startCallbackReceiver();
    this.#closers.push(() => receiver.close());
    const callbacksFile = join(shared.folder, 'callbacks.json');
    writeEndpoint(callbacksFile, receiver, ENDPOINT);
    await this.openWorker(shared, sandbox, callbacksFile);
    return { receiver, gateway: await this.#openGateway(shared, sandbox, codecServerUrl) };
  }

  async openWorker(shared: Shared, sandbox: Sandbox, callbacksFile?: string): Promise<void> {
    const { temporal, keysFile, folder } = shared;
    const logFile = join(folder, 'worker.log');
    const { address: temporalAddress, namespace } = temporal;
    const { url: verifikBaseUrl, clientToken } = sandbox;
    const worker = await startWorkerProcess({
      ...{ temporalAddress, namespace, verifikBaseUrl, clientToken, keysFile, logFile },
      ...defined({ callbacksFile }),
      batchFolder: shared.batchFolder,
      contactKey: CONTACT_KEY,
      callsPerSecond: CALLS_PER_SECOND,
    });
    this.#closers.push(worker.stop);
    this.#print(`worker     process ${worker.pid}, metrics ${worker.metricsUrl}, log ${logFile}`);
  }

  async #openGateway(
    { temporal, keysFile, folder }: Shared,
    sandbox: Sandbox,
    codecServerUrl: string | undefined,
  ): Promise<GatewayProcess<'demo'>> {
    const logFile = join(folder, 'gateway.log');
    const gateway = await startGatewayProcess({
      temporalAddress: temporal.address,
      namespace: temporal.namespace,
      address: `127.0.0.1:${await freePort(8082)}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
      keys: {
        demo: { tenant: TENANT, scopes: ['start', 'read', 'review', 'personal-data', 'erase'], callbacks: ENDPOINT },
      },
      contactKey: CONTACT_KEY,
      keysFile,
      logFile,
    });
    this.#closers.push(gateway.stop);
    await sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
    const { uiUrl, namespace } = temporal;
    sandbox.connectPlayground({
      gatewayUrl: gateway.url,
      apiKey: gateway.keys.demo,
      workflowIdPrefix: WORKFLOW_ID_PREFIX,
      namespace,
      ...defined({ temporalUiUrl: uiUrl, codecServerUrl }),
    });
    this.#print(`playground ${sandbox.url}/`);
    this.#print(`gateway    ${gateway.url}, its API in ${gateway.url}/docs, log ${logFile}`);
    return gateway;
  }

  /** Starts the codec server and returns its URL. */
  async openCodecServer({ temporal, keysFile, folder }: Shared): Promise<string> {
    const logFile = join(folder, 'codec-server.log');
    const server = await startCodecServerProcess({
      address: `127.0.0.1:${await freePort(8081)}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
      uiOrigin: temporal.uiUrl ?? DEFAULT_UI_ORIGIN,
      namespace: temporal.namespace,
      keysFile,
      logFile,
    });
    this.#closers.push(server.stop);
    const signIn = (token: string) => `${server.url}/sign-in#token=${token}`;
    this.#print(`codec      ${server.url}, log ${logFile}`);
    this.#print('           to read payloads in the UI, sign in at');
    this.#print(`           ${signIn(server.tokens.personalData)} or, for masked payloads,`);
    this.#print(`           ${signIn(server.tokens.masked)}, then`);
    this.#print(
      `           enter ${server.url} behind the glasses icon at the top of the UI, and allow cross-origin credentials`,
    );
    return server.url;
  }

  async openClient({ temporal, keysFile }: Shared): Promise<Client> {
    const { address, namespace } = temporal;
    const dataConverter = await onboardingDataConverter({ namespace, keyProvider: fileKeys(keysFile) });
    const connection = await Connection.connect({ address });
    this.#closers.push(() => connection.close());
    return new Client({ connection, namespace, dataConverter });
  }
}
