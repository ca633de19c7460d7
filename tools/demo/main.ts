import { BatchClient, OnboardingClient } from '../../client/index.js';
import { inventPeople } from '../sandbox/index.js';
import { freePort } from '../servers/index.js';
import { runWithClient } from './client-run.js';
import { runOverHttp } from './http-run.js';
import { readOptions, type StartOptions } from './options.js';
import { revalidate } from './revalidation.js';
import { CONTACT_KEY, Servers, type Shared, TENANT } from './servers.js';

/** The port of the sandbox and its playground. If it is taken, a free port is used. */
const SANDBOX_PORT = 8080;

const print = (line: string) => void process.stdout.write(`${line}\n`);

const servers = new Servers(print);

/** The result of the demo: the lines that `--json` prints, and the exit status. */
interface DemoResult {
  readonly lines: readonly unknown[];
  readonly succeeded: boolean;
}

const runOnboardings = async (options: StartOptions): Promise<DemoResult> => {
  const { once, via, seed, applicants, require: required } = options;
  const shared = await servers.openShared(options);
  const sandbox = await servers.openSandbox(options, once ? 0 : await freePort(SANDBOX_PORT));
  // With --once, the servers stop before anybody could open the UI.
  const codecServerUrl = once ? undefined : await servers.openCodecServer(shared);
  // The playground needs the gateway.
  const front = via === 'http' || !once ? await servers.openFront(shared, sandbox, codecServerUrl) : undefined;
  if (front === undefined) await servers.openWorker(shared, sandbox);
  const client = await servers.openClient(shared);
  const onboarding = new OnboardingClient(client, { contactKey: CONTACT_KEY });
  const startedAt = Date.now();
  const people = inventPeople(seed, applicants);
  const runs = await Promise.all(
    people.map((person, index) => {
      const reference = `demo-${startedAt}-${index + 1}`;
      const prefix = people.length === 1 ? '' : `[${index + 1}] `;
      const printWithPrefix = (line: string) => print(prefix + line);
      const common = { temporal: client, sandbox, person, reference, required, print: printWithPrefix };
      if (via === 'client' || front === undefined) return runWithClient({ ...common, client: onboarding });
      const { gateway, receiver } = front;
      const access = { url: gateway.url, apiKey: gateway.keys.demo, workflowIdPrefix: `onboarding-${TENANT}:` };
      return runOverHttp({ ...common, gateway: access, receiver });
    }),
  );
  printUiUrl(shared, once);
  return { lines: runs, succeeded: runs.every(({ outcome }) => outcome === 'verified') };
};

const runBatches = async (options: StartOptions, count: number): Promise<DemoResult> => {
  const { once } = options;
  const shared = await servers.openShared(options);
  const sandbox = await servers.openSandbox(options, once ? 0 : await freePort(SANDBOX_PORT));
  const codecServerUrl = once ? undefined : await servers.openCodecServer(shared);
  // The sandbox reports what applicants do by webhooks, which the gateway receives.
  await servers.openFront(shared, sandbox, codecServerUrl);
  const client = new BatchClient(await servers.openClient(shared));
  const { batchFolder } = shared;
  const results = await revalidate({ client, sandbox, count, checks: options.require, batchFolder, print });
  printUiUrl(shared, once);
  return { lines: [results], succeeded: true };
};

const printUiUrl = ({ temporal: { uiUrl, namespace } }: Shared, once: boolean): void => {
  if (uiUrl !== undefined && !once)
    print(`ui         ${uiUrl}/namespaces/${namespace}/workflows; press Ctrl-C to stop all servers`);
};

const run = (options: StartOptions): Promise<DemoResult> =>
  options.batch === undefined ? runOnboardings(options) : runBatches(options, options.batch);

/** Resolves after the first SIGINT or SIGTERM, when all servers have stopped. A second signal exits at once. */
const stopOnSignal = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
      print('stopping');
      servers.close().then(resolve, reject);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });

const options = readOptions(process.argv);
const stopped = stopOnSignal();
try {
  const result = await Promise.race([run(options), stopped]);
  // The interrupted run may still be starting servers. They end with this process.
  if (result === undefined) process.exit(130);
  if (!options.once) await stopped;
  await servers.close();
  if (options.json) for (const line of result.lines) print(JSON.stringify(line));
  process.exitCode = result.succeeded ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await servers.close();
  process.exitCode = 1;
}
