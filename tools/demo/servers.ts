import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { developmentKeys, developmentKeysPath, fileKeys } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { defined } from '../../shared/defined.js';
import { type CallbackReceiver, startCallbackReceiver, writeEndpoint } from '../processes/callback-receiver.js';
import { startCodecServerProcess } from '../processes/codec-server-process.js';
import { createGatewaySecrets, type GatewayProcess, startGatewayProcess } from '../processes/gateway-process.js';
import { Opened } from '../processes/opened.js';
import { connectClient } from '../processes/temporal.js';
import { startWorkerProcess } from '../processes/worker-process.js';
import { FAULT_PROFILES, type Sandbox, startSandbox } from '../sandbox/index.js';
import { type DevServer, freePort, showProgress, startDevServer } from '../servers/index.js';
import type { StartOptions } from './options.js';
import type { Print } from './run.js';

/** The key of the demo's contact hashes. Not a secret: the demo's contacts are invented. */
export const CONTACT_KEY = 'the-demo-contact-key';

const TENANT = 'demo';

export const WORKFLOW_ID_PREFIX = `onboarding-${TENANT}:`;

const ENDPOINT = 'demo';

/** The worker's rate limit for batches. The sandbox has no rate limit by default. */
const CALLS_PER_SECOND = 200;

interface Front {
  readonly gateway: GatewayProcess<'demo'>;
  readonly receiver: CallbackReceiver;
}

export interface Shared {
  readonly temporal: DevServer;
  readonly keysFile: string;
  /** The folder of logs and of files with secrets. */
  readonly folder: string;
  readonly batchFolder: string;
}

/** Returns the key ring file with the development key. All processes of the demo share it. */
const sharedKeysFile = async (): Promise<string> => {
  const path = developmentKeysPath();
  await developmentKeys(path).read();
  return path;
};

/** Starts a Temporal server with its UI. `db` keeps its data. */
const startTemporal = async ({ db }: StartOptions): Promise<DevServer> => {
  const { progress, done } = showProgress();
  const searchAttributes = Object.values(SEARCH_ATTRIBUTES);
  try {
    return await startDevServer({ progress, searchAttributes, ...(db === undefined ? {} : { dbFile: resolve(db) }) });
  } finally {
    done();
  }
};

/** Returns the options that the processes of the demo share. */
const commonOptions = ({ temporal: { address, namespace }, keysFile, folder }: Shared, name: string) => ({
  ...{ temporalAddress: address, namespace, keysFile },
  logFile: join(folder, `${name}.log`),
});

/** Opens the servers and processes of the demo, and closes them in reverse order. */
export class Servers {
  readonly #print: Print;
  readonly #opened = new Opened();

  constructor(print: Print) {
    this.#print = print;
  }

  close(): Promise<void> {
    return this.#opened.close();
  }

  async openShared(options: StartOptions): Promise<Shared> {
    const temporal = this.#opened.add(await startTemporal(options));
    const { address, namespace, uiUrl } = temporal;
    this.#print(`temporal   ${address}, namespace ${namespace}${uiUrl === undefined ? '' : `; UI ${uiUrl}`}`);
    const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-'));
    return { temporal, keysFile: await sharedKeysFile(), folder, batchFolder: join(folder, 'batches') };
  }

  async openSandbox({ seed, behaviour, faults, require }: StartOptions, port: number): Promise<Sandbox> {
    const settings = { reRegistration: behaviour, mandatory: [...require] };
    const sandbox = this.#opened.add(await startSandbox({ port, seed, settings, faults: FAULT_PROFILES[faults] }));
    this.#print(`sandbox    ${sandbox.url}/v2 (${behaviour}, ${faults}); controls under ${sandbox.url}/_sandbox`);
    return sandbox;
  }

  /** Opens the callback receiver, a worker that sends to it, and the gateway that receives the sandbox's webhooks. */
  async openFront(shared: Shared, sandbox: Sandbox, codecServerUrl?: string): Promise<Front> {
    const receiver = this.#opened.add(await startCallbackReceiver());
    const callbacksFile = join(shared.folder, 'callbacks.json');
    writeEndpoint(callbacksFile, receiver, ENDPOINT);
    await this.openWorker(shared, sandbox, callbacksFile);
    return { receiver, gateway: await this.#openGateway(shared, sandbox, codecServerUrl) };
  }

  async openWorker(shared: Shared, sandbox: Sandbox, callbacksFile?: string): Promise<void> {
    const common = commonOptions(shared, 'worker');
    const worker = this.#opened.add(
      await startWorkerProcess({
        ...common,
        verifikBaseUrl: sandbox.url,
        clientToken: sandbox.clientToken,
        ...defined({ callbacksFile }),
        batchFolder: shared.batchFolder,
        contactKey: CONTACT_KEY,
        callsPerSecond: CALLS_PER_SECOND,
      }),
    );
    this.#print(`worker     process ${worker.pid}, metrics ${worker.metricsUrl}, log ${common.logFile}`);
  }

  async #openGateway(
    shared: Shared,
    sandbox: Sandbox,
    codecServerUrl: string | undefined,
  ): Promise<GatewayProcess<'demo'>> {
    const common = commonOptions(shared, 'gateway');
    const gateway = this.#opened.add(
      await startGatewayProcess({
        ...common,
        address: `127.0.0.1:${await freePort(8082)}`,
        metricsAddress: `127.0.0.1:${await freePort()}`,
        secrets: await createGatewaySecrets({
          demo: { tenant: TENANT, scopes: ['start', 'read', 'review', 'personal-data', 'erase'], callbacks: ENDPOINT },
        }),
        contactKey: CONTACT_KEY,
      }),
    );
    await sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
    sandbox.connectPlayground({
      gatewayUrl: gateway.url,
      apiKey: gateway.keys.demo,
      workflowIdPrefix: WORKFLOW_ID_PREFIX,
      namespace: common.namespace,
      ...defined({ temporalUiUrl: shared.temporal.uiUrl, codecServerUrl }),
    });
    this.#print(`playground ${sandbox.url}/`);
    this.#print(`gateway    ${gateway.url}, its API in ${gateway.url}/docs, log ${common.logFile}`);
    return gateway;
  }

  /** Starts the codec server and returns its URL. */
  async openCodecServer(shared: Shared): Promise<string> {
    const common = commonOptions(shared, 'codec-server');
    const server = this.#opened.add(
      await startCodecServerProcess({
        ...common,
        address: `127.0.0.1:${await freePort(8081)}`,
        metricsAddress: `127.0.0.1:${await freePort()}`,
        uiOrigin: shared.temporal.uiUrl ?? '',
      }),
    );
    const signIn = (token: string) => `${server.url}/sign-in#token=${token}`;
    this.#print(`codec      ${server.url}, log ${common.logFile}`);
    this.#print('           to read payloads in the UI, sign in at');
    this.#print(`           ${signIn(server.tokens.personalData)} or, for masked payloads,`);
    this.#print(`           ${signIn(server.tokens.masked)}, then`);
    this.#print(
      `           enter ${server.url} behind the glasses icon at the top of the UI, and allow cross-origin credentials`,
    );
    return server.url;
  }

  async openClient({ temporal, keysFile }: Shared): Promise<Client> {
    const client = await connectClient(temporal, fileKeys(keysFile));
    this.#opened.add(client.connection);
    return client;
  }
}
