import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { startCodecServerProcess } from '../processes/codec-server-process.js';
import { sharedKeysFile } from '../processes/encryption-keys.js';
import { type GatewayProcess, startGatewayProcess } from '../processes/gateway-process.js';
import { connectTemporal, type Temporal } from '../processes/temporal.js';
import { startWorkerProcess } from '../processes/worker-process.js';
import { FAULT_PROFILES, type Sandbox, startSandbox } from '../sandbox/index.js';
import { freePort } from '../servers/index.js';
import { type CallbackReceiver, startCallbackReceiver } from './callback-receiver.js';
import type { Tell } from './journey.js';
import type { StartOptions } from './options.js';

/** The key of the demo's contact hashes: what they hash is made up. */
export const CONTACT_KEY = 'the-demo-contact-key';

/** The tenant that the demo's API key belongs to. */
export const TENANT = 'demo';

/** The endpoint that callbacks of the demo's onboardings go to. */
const ENDPOINT = 'demo';

/** How fast batches of the demo may be: the sandbox has no limit of its own. */
const CALLS_PER_SECOND = 200;

/** Where the UI is served if nothing says otherwise. */
const DEFAULT_UI_ORIGIN = 'http://127.0.0.1:8233';

/** The gateway, and the receiver of the callbacks. */
interface Front {
  readonly gateway: GatewayProcess<'demo'>;
  readonly receiver: CallbackReceiver;
}

/** What the demo's processes share. */
export interface Shared {
  readonly temporal: Temporal;
  readonly keysFile: string;
  /** A folder for their logs, and for files that hold secrets. */
  readonly folder: string;
  /** Where batches leave their reports. */
  readonly batchFolder: string;
}

/** The servers and processes of the demo, opened one after another. */
export class Servers {
  readonly #tell: Tell;
  /** What is to be closed at the end, the last opened first. */
  readonly #opened: (() => Promise<void>)[] = [];

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  async close(): Promise<void> {
    for (const close of this.#opened.splice(0).reverse()) await close();
  }

  async openShared({ db }: StartOptions): Promise<Shared> {
    const temporal = await connectTemporal(db);
    this.#opened.push(temporal.stop);
    const { address, namespace, uiUrl } = temporal;
    this.#tell(`temporal   ${address}, namespace ${namespace}${uiUrl === undefined ? '' : `; UI ${uiUrl}`}`);
    const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-'));
    return { temporal, keysFile: await sharedKeysFile(), folder, batchFolder: join(folder, 'batches') };
  }

  async openSandbox({ seed, behaviour, faults, require }: StartOptions, port: number): Promise<Sandbox> {
    const settings = { reRegistration: behaviour, mandatory: [...require] };
    const sandbox = await startSandbox({ port, seed, settings, faults: FAULT_PROFILES[faults] });
    this.#opened.push(() => sandbox.close());
    this.#tell(`sandbox    ${sandbox.url}/v2 (${behaviour}, ${faults}); controls under ${sandbox.url}/_sandbox`);
    return sandbox;
  }

  /** Opens a receiver of callbacks, a worker that knows it, and the gateway to which the sandbox sends its webhooks. */
  async openFront(shared: Shared, sandbox: Sandbox, codecServerUrl?: string): Promise<Front> {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const receiver = await startCallbackReceiver(secret);
    this.#opened.push(() => receiver.close());
    const callbacksFile = join(shared.folder, 'callbacks.json');
    const endpoints = { [ENDPOINT]: { url: receiver.url, secrets: [secret] } };
    await writeFile(callbacksFile, JSON.stringify({ endpoints, allowedHosts: ['127.0.0.1'] }), { mode: 0o600 });
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
      ...(callbacksFile === undefined ? {} : { callbacksFile }),
      batchFolder: shared.batchFolder,
      contactKey: CONTACT_KEY,
      callsPerSecond: CALLS_PER_SECOND,
    });
    this.#opened.push(worker.stop);
    this.#tell(`worker     process ${worker.pid}, metrics ${worker.metricsUrl}, log ${logFile}`);
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
    this.#opened.push(gateway.stop);
    await sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
    const { uiUrl, namespace } = temporal;
    sandbox.connectPlayground({
      gatewayUrl: gateway.url,
      apiKey: gateway.keys.demo,
      workflowIdPrefix: `onboarding-${TENANT}:`,
      namespace,
      ...(uiUrl === undefined ? {} : { temporalUiUrl: uiUrl }),
      ...(codecServerUrl === undefined ? {} : { codecServerUrl }),
    });
    this.#tell(`playground ${sandbox.url}/`);
    this.#tell(`gateway    ${gateway.url}, its API in ${gateway.url}/docs, log ${logFile}`);
    return gateway;
  }

  /** Answers where it answers. */
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
    this.#opened.push(server.stop);
    const signIn = (token: string) => `${server.url}/sign-in#token=${token}`;
    this.#tell(`codec      ${server.url}, log ${logFile}`);
    this.#tell('           to read payloads in the UI, sign in at one of');
    this.#tell(`           ${signIn(server.tokens.personalData)} or, masked,`);
    this.#tell(`           ${signIn(server.tokens.masked)} and`);
    this.#tell(`           behind the glasses at the UI's top enter ${server.url}, with cross-origin credentials`);
    return server.url;
  }

  async openClient({ temporal, keysFile }: Shared): Promise<Client> {
    const { address, namespace } = temporal;
    const dataConverter = await onboardingDataConverter({ namespace, keyProvider: fileKeys(keysFile) });
    const connection = await Connection.connect({ address });
    this.#opened.push(() => connection.close());
    return new Client({ connection, namespace, dataConverter });
  }
}
