import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { OnboardingClient, onboardingDataConverter } from '../client/index.js';
import { fileKeys } from '../codec/index.js';
import { freePort } from '../devserver/index.js';
import { FAULT_PROFILES, inventPeople, type Sandbox, startSandbox } from '../sandbox/index.js';
import { startCodecServerProcess } from './codec-server-process.js';
import { sharedKeysFile } from './encryption-keys.js';
import { goThrough, type Journey } from './journey.js';
import { readOptions, type StartOptions } from './options.js';
import { connectTemporal, type Temporal } from './temporal.js';
import { startWorkerProcess } from './worker-process.js';

/** The key of the demo's contact hashes: what they hash is made up. */
const CONTACT_KEY = 'the-demo-contact-key';

/** Where the UI is served if nothing says otherwise. */
const DEFAULT_UI_ORIGIN = 'http://127.0.0.1:8233';

const tell = (line: string) => void process.stdout.write(`${line}\n`);

/** What is to be closed at the end, the last opened first. */
const opened: (() => Promise<void>)[] = [];

const closeAll = async (): Promise<void> => {
  for (const close of opened.splice(0).reverse()) await close();
};

const openSandbox = async ({ seed, behaviour, faults, require }: StartOptions): Promise<Sandbox> => {
  const settings = { reRegistration: behaviour, mandatory: [...require] };
  const sandbox = await startSandbox({ seed, settings, faults: FAULT_PROFILES[faults] });
  opened.push(() => sandbox.close());
  tell(`sandbox    ${sandbox.url}/v2 (${behaviour}, ${faults}); controls under ${sandbox.url}/_sandbox`);
  return sandbox;
};

const openTemporal = async ({ db }: StartOptions): Promise<Temporal> => {
  const temporal = await connectTemporal(db);
  opened.push(temporal.stop);
  tell(
    `temporal   ${temporal.address}, namespace ${temporal.namespace}${temporal.uiUrl === undefined ? '' : `; UI ${temporal.uiUrl}`}`,
  );
  return temporal;
};

/** The processes that the demo runs have their logs here. */
interface Shared {
  readonly temporal: Temporal;
  readonly keysFile: string;
  readonly logs: string;
}

const openWorker = async ({ temporal, keysFile, logs }: Shared, sandbox: Sandbox): Promise<void> => {
  const logFile = join(logs, 'worker.log');
  const { address: temporalAddress, namespace } = temporal;
  const { url: verifikBaseUrl, clientToken } = sandbox;
  const worker = await startWorkerProcess({
    temporalAddress,
    namespace,
    verifikBaseUrl,
    clientToken,
    keysFile,
    logFile,
  });
  opened.push(worker.stop);
  tell(`worker     process ${worker.pid}, metrics ${worker.metricsUrl}, log ${logFile}`);
};

const openCodecServer = async ({ temporal, keysFile, logs }: Shared): Promise<void> => {
  const logFile = join(logs, 'codec-server.log');
  const server = await startCodecServerProcess({
    address: `127.0.0.1:${await freePort(8081)}`,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    uiOrigin: temporal.uiUrl ?? DEFAULT_UI_ORIGIN,
    namespace: temporal.namespace,
    keysFile,
    logFile,
  });
  opened.push(server.stop);
  const signIn = (token: string) => `${server.url}/sign-in#token=${token}`;
  tell(`codec      ${server.url}, log ${logFile}`);
  tell('           to read payloads in the UI, sign in at one of');
  tell(`           ${signIn(server.tokens.personalData)} or, masked,`);
  tell(`           ${signIn(server.tokens.masked)} and`);
  tell(`           behind the glasses at the UI's top enter ${server.url}, with cross-origin credentials`);
};

const openClient = async ({ temporal, keysFile }: Shared): Promise<Client> => {
  const { address, namespace } = temporal;
  const dataConverter = await onboardingDataConverter({ namespace, keyProvider: fileKeys(keysFile) });
  const connection = await Connection.connect({ address });
  opened.push(() => connection.close());
  return new Client({ connection, namespace, dataConverter });
};

const run = async (options: StartOptions): Promise<readonly Journey[]> => {
  const temporal = await openTemporal(options);
  const sandbox = await openSandbox(options);
  const logs = mkdtempSync(join(tmpdir(), 'verifik-onboarding-'));
  const shared = { temporal, keysFile: await sharedKeysFile(), logs };
  await openWorker(shared, sandbox);
  // Nobody looks into the UI of what ends by itself.
  if (!options.once) await openCodecServer(shared);
  const client = await openClient(shared);
  const onboarding = new OnboardingClient(client, { contactKey: CONTACT_KEY });
  const { require: required } = options;
  const startedAt = Date.now();
  const people = inventPeople(options.seed, options.applicants);
  const journeys = await Promise.all(
    people.map((person, index) => {
      const reference = `demo-${startedAt}-${index + 1}`;
      const prefix = people.length === 1 ? '' : `[${index + 1}] `;
      const telling = (line: string) => tell(prefix + line);
      return goThrough({ client: onboarding, temporal: client, sandbox, person, reference, required, tell: telling });
    }),
  );
  if (temporal.uiUrl !== undefined && !options.once)
    tell(`look       ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows; Ctrl-C ends everything`);
  return journeys;
};

/** Ends everything in order; a second Ctrl-C ends it at once. */
const stopOnSignal = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
      tell('stopping');
      closeAll().then(resolve, reject);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });

const options = readOptions(process.argv);
const stopped = stopOnSignal();
try {
  const journeys = await Promise.race([run(options), stopped]);
  // What a signal cut short may still be building or starting something: it ends here, and takes its processes along.
  if (journeys === undefined) process.exit(130);
  if (!options.once) await stopped;
  await closeAll();
  if (options.json) for (const journey of journeys) tell(JSON.stringify(journey));
  process.exitCode = journeys.every(({ outcome }) => outcome === 'verified') ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await closeAll();
  process.exitCode = 1;
}
