import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { developmentKeys, developmentKeysPath, fileKeys } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { REVIEW_REASONS } from '../../domain/check-reasons.js';
import { defined } from '../../shared/defined.js';
import { type CallbackReceiver, startCallbackReceiver, writeEndpoint } from '../processes/callback-receiver.js';
import { type CodecServerProcess, startCodecServerProcess } from '../processes/codec-server-process.js';
import { createGatewaySecrets, type GatewayProcess, startGatewayProcess } from '../processes/gateway-process.js';
import type { ServiceProcess } from '../processes/node-process.js';
import { Opened } from '../processes/opened.js';
import { supervise } from '../processes/supervised.js';
import { connectClient } from '../processes/temporal.js';
import { startWorkerProcess, type WorkerProcess } from '../processes/worker-process.js';
import { FAULT_PROFILES, type Sandbox, startSandbox } from '../sandbox/index.js';
import { type DevServer, freePort, showProgress, startDevServer } from '../servers/index.js';
import { openCodecProxy } from './codec-server.js';
import { claimDatabase } from './database.js';
import type { StartOptions } from './options.js';
import type { Print } from './run.js';

/** The key of the demo's contact hashes. Not a secret: the demo's contacts are invented. */
export const CONTACT_KEY = 'the-demo-contact-key';

export const TENANT = 'demo';

export const WORKFLOW_ID_PREFIX = `onboarding-${TENANT}:`;

const ENDPOINT = 'demo';

const SCOPES = ['start', 'read', 'review', 'evidence', 'personal-data', 'erase'] as const;

/** The worker's rate limit for batches. The sandbox has no rate limit by default. */
const CALLS_PER_SECOND = 200;

/** The parts of a service that stay the same when it is started again: its addresses. */
type Addresses<P extends ServiceProcess> = Omit<P, keyof ServiceProcess>;

export type Worker = Addresses<WorkerProcess>;

export type Gateway = Addresses<GatewayProcess<'demo'>>;

interface Front {
  readonly gateway: Gateway;
  readonly receiver: CallbackReceiver;
  readonly worker: Worker;
}

export interface Shared {
  readonly temporal: DevServer;
  /** The URL of the codec server, which the UI uses. Absent if the demo ends before anybody can open the UI. */
  readonly codecServerUrl?: string;
  readonly keysFile: string;
  /** The keys that sign evidence, as JSON. */
  readonly evidenceKeys: string;
  /** The folder of logs and of files with secrets. */
  readonly folder: string;
  readonly batchFolder: string;
}

/** Returns a new key that signs evidence, in a key ring as JSON. */
const newEvidenceKeys = (): string =>
  JSON.stringify({ current: TENANT, keys: { [TENANT]: randomBytes(32).toString('base64') } });

/** Returns the key ring file with the development key. All processes of the demo share it. */
const sharedKeysFile = async (): Promise<string> => {
  const path = developmentKeysPath();
  await developmentKeys(path).read();
  return path;
};

type TemporalOptions = Pick<StartOptions, 'db'> & Pick<Shared, 'codecServerUrl'> & Record<'port' | 'uiPort', number>;

/** Starts a Temporal server with its UI. `db` keeps its data. */
const startTemporal = async ({ db, codecServerUrl, ...ports }: TemporalOptions): Promise<DevServer> => {
  const { progress, done } = showProgress();
  const searchAttributes = Object.values(SEARCH_ATTRIBUTES);
  try {
    return await startDevServer({
      ...{ progress, searchAttributes, ...ports },
      ...defined({ dbFile: db, uiCodecEndpoint: codecServerUrl }),
    });
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
  readonly opened = new Opened();
  #shared: Shared | undefined;
  #lose: (error: Error) => void = () => undefined;

  /** Rejects if the Temporal server exits by itself: the demo cannot go on without it. */
  readonly lost = new Promise<never>((_resolve, reject) => {
    this.#lose = reject;
  });

  constructor(print: Print) {
    this.#print = print;
  }

  /** Opens the Temporal server and, unless the demo ends by itself, the codec server for its UI. */
  async openShared({ db, once }: StartOptions): Promise<Shared> {
    const database = db === undefined ? undefined : await claimDatabase(this.opened, db);
    const codecPort = once ? undefined : await this.#port(8081, 'the codec server');
    const [port, uiPort] = [await this.#port(7233, 'Temporal'), await this.#port(8233, 'the Temporal UI')];
    const urls = codecPort === undefined ? {} : { codecServerUrl: `http://127.0.0.1:${codecPort}` };
    const temporal = this.opened.add(await startTemporal({ ...defined({ db: database }), ...urls, port, uiPort }));
    this.#watch(temporal);
    const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-'));
    const keysFile = await sharedKeysFile();
    const [evidenceKeys, batchFolder] = [newEvidenceKeys(), join(folder, 'batches')];
    const shared = { temporal, ...urls, keysFile, evidenceKeys, folder, batchFolder };
    this.#shared = shared;
    if (codecPort !== undefined) await this.#openCodecServer(shared, codecPort, uiPort);
    return shared;
  }

  #watch({ ended, lastWords }: DevServer): void {
    let isClosing = false;
    this.opened.onClose(async () => {
      isClosing = true;
    });
    void ended.then(() => {
      if (!isClosing) this.#lose(new Error(`The Temporal server has exited. The end of its output:\n${lastWords()}`));
    });
  }

  async #openCodecServer(shared: Shared, port: number, uiPort: number): Promise<void> {
    const options = {
      ...commonOptions(shared, 'codec-server'),
      address: `127.0.0.1:${await freePort()}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
      origins: [`http://127.0.0.1:${uiPort}`, `http://localhost:${uiPort}`],
    };
    let tokens: CodecServerProcess['tokens'];
    const { url } = await this.#openSupervised('the codec server', async () => {
      const started = await startCodecServerProcess(options);
      tokens = started.tokens;
      return started;
    });
    await openCodecProxy(this.opened, port, url, () => tokens);
  }

  async openSandbox({ seed, behaviour, faults, require, once }: StartOptions): Promise<Sandbox> {
    const port = once ? 0 : await this.#port(8080, 'the playground');
    const settings = { reRegistration: behaviour, mandatory: [...require] };
    return this.opened.add(await startSandbox({ port, seed, settings, faults: FAULT_PROFILES[faults] }));
  }

  /** Opens the callback receiver, a worker that sends to it, and the gateway that receives the sandbox's webhooks. */
  async openFront(shared: Shared, sandbox: Sandbox): Promise<Front> {
    const receiver = this.opened.add(await startCallbackReceiver());
    const callbacksFile = join(shared.folder, 'callbacks.json');
    writeEndpoint(callbacksFile, receiver, ENDPOINT);
    const worker = await this.openWorker(shared, sandbox, callbacksFile);
    return { receiver, worker, gateway: await this.#openGateway(shared, sandbox) };
  }

  async openWorker(shared: Shared, sandbox: Sandbox, callbacksFile?: string): Promise<Worker> {
    const metricsAddress = `127.0.0.1:${await freePort()}`;
    return this.#openSupervised('the worker', () =>
      startWorkerProcess({
        ...commonOptions(shared, 'worker'),
        ...defined({ callbacksFile, metricsAddress }),
        verifikBaseUrl: sandbox.url,
        clientToken: sandbox.clientToken,
        batchFolder: shared.batchFolder,
        evidenceKeys: shared.evidenceKeys,
        contactKey: CONTACT_KEY,
        callsPerSecond: CALLS_PER_SECOND,
      }),
    );
  }

  async #openGateway(shared: Shared, sandbox: Sandbox): Promise<Gateway> {
    const common = commonOptions(shared, 'gateway');
    const address = `127.0.0.1:${await this.#port(8082, 'the gateway')}`;
    const metricsAddress = `127.0.0.1:${await freePort()}`;
    const keys = { demo: { tenant: TENANT, scopes: SCOPES, callbacks: ENDPOINT } };
    const secrets = await createGatewaySecrets(keys, shared.folder);
    const gateway = await this.#openSupervised('the gateway', () =>
      startGatewayProcess({
        ...{ ...common, address, metricsAddress, secrets, contactKey: CONTACT_KEY },
        env: { ONBOARDING_EVIDENCE_KEYS: shared.evidenceKeys },
      }),
    );
    await sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
    sandbox.connectPlayground({
      gatewayUrl: gateway.url,
      apiKey: gateway.keys.demo,
      workflowIdPrefix: WORKFLOW_ID_PREFIX,
      namespace: common.namespace,
      reviewReasons: REVIEW_REASONS,
      ...defined({ temporalUiUrl: shared.temporal.uiUrl }),
    });
    return gateway;
  }

  async openClient({ temporal, keysFile }: Shared): Promise<Client> {
    const client = await connectClient(temporal, fileKeys(keysFile));
    this.opened.add(client.connection);
    return client;
  }

  /** Deletes the logs and the files with secrets. The reports of batches are the user's, and stay. */
  async deleteFiles(): Promise<void> {
    if (this.#shared === undefined) return;
    const { folder, batchFolder } = this.#shared;
    for (const name of await readdir(folder))
      if (name !== basename(batchFolder)) await rm(join(folder, name), { recursive: true, force: true });
    // A folder with reports is not empty.
    for (const path of [batchFolder, folder]) await rmdir(path).catch(() => undefined);
  }

  /** The folder of the logs, if there is one yet. */
  get folder(): string | undefined {
    return this.#shared?.folder;
  }

  /**
   * Opens a service that is started again whenever it exits, so that killing it shows that nothing is lost. Returns
   * its addresses, which do not change.
   */
  async #openSupervised<P extends ServiceProcess>(name: string, start: () => Promise<P>): Promise<Addresses<P>> {
    const onCrash = () => this.#print(`note       ${name} has exited, and is started again`);
    const supervised = await supervise(start, { onCrash });
    this.opened.onClose(() => supervised.close('stop'));
    return supervised.first;
  }

  /** Returns the wanted port or, if it is taken, another one, and says so. */
  async #port(wanted: number, server: string): Promise<number> {
    const port = await freePort(wanted);
    if (port !== wanted) this.#print(`note       port ${wanted} is taken: ${server} uses ${port}`);
    return port;
  }
}
