import { BatchClient, OnboardingClient } from '../../client/index.js';
import { receiveStopSignal } from '../../shared/stop-signal.js';
import { inventPeople } from '../sandbox/index.js';
import { describeRunning, writeRunningDemo } from './announcement.js';
import { clientBackend, httpBackend } from './backends.js';
import { readOptions, type StartOptions } from './options.js';
import { revalidate } from './revalidation.js';
import { runDemo } from './run.js';
import { CONTACT_KEY, Servers, WORKFLOW_ID_PREFIX } from './servers.js';

const print = (line: string) => void process.stdout.write(`${line}\n`);

const servers = new Servers(print);

/** The result of the demo: the lines that `--json` prints, and the exit status. */
interface DemoResult {
  readonly lines: readonly unknown[];
  readonly succeeded: boolean;
}

const runOnboardings = async (opened: Opened, options: StartOptions): Promise<DemoResult> => {
  const { sandbox, front, temporal } = opened;
  const client = new OnboardingClient(temporal, { contactKey: CONTACT_KEY });
  const startedAt = Date.now();
  const people = inventPeople(options.seed, options.applicants);
  const runs = await Promise.all(
    people.map((person, index) => {
      const prefix = people.length === 1 ? '' : `[${index + 1}] `;
      const printWithPrefix = (line: string) => print(prefix + line);
      const backend =
        options.via === 'client' || front === undefined
          ? clientBackend(client)
          : httpBackend({
              url: front.gateway.url,
              apiKey: front.gateway.keys.demo,
              workflowIdPrefix: WORKFLOW_ID_PREFIX,
              receiver: front.receiver,
              print: printWithPrefix,
            });
      return runDemo({
        ...{ backend, temporal, sandbox, person, print: printWithPrefix },
        reference: `demo-${startedAt}-${index + 1}`,
        required: options.require,
      });
    }),
  );
  return { lines: runs, succeeded: runs.every(({ outcome }) => outcome === 'verified') };
};

const runBatches = async (
  { shared, sandbox, temporal }: Opened,
  { require: checks }: StartOptions,
  count: number,
): Promise<DemoResult> => {
  const { batchFolder } = shared;
  const client = new BatchClient(temporal);
  return { lines: [await revalidate({ client, sandbox, count, checks, batchFolder, print })], succeeded: true };
};

const open = async (options: StartOptions) => {
  const { once, via, batch } = options;
  print('starting   the servers');
  const shared = await servers.openShared(options);
  const sandbox = await servers.openSandbox(options);
  // The playground needs the gateway, and so do the webhooks of the applicants of a batch.
  const needsGateway = via === 'http' || batch !== undefined || !once;
  const front = needsGateway ? await servers.openFront(shared, sandbox) : undefined;
  if (front === undefined) await servers.openWorker(shared, sandbox);
  return { shared, sandbox, front, temporal: await servers.openClient(shared) };
};

type Opened = Awaited<ReturnType<typeof open>>;

const run = async (options: StartOptions): Promise<DemoResult> => {
  const opened = await open(options);
  const { once, batch } = options;
  const result = await (batch === undefined ? runOnboardings(opened, options) : runBatches(opened, options, batch));
  if (once || opened.front === undefined) return result;
  const running = { ...opened, ...opened.front };
  await writeRunningDemo(servers.opened, running);
  print(describeRunning(running));
  return result;
};

/** Ctrl-C, a termination, and the end of the terminal, after which nobody could stop the servers. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves after a signal to stop, when all servers have stopped. */
const stopOnSignal = async (): Promise<void> => {
  await receiveStopSignal(STOP_SIGNALS);
  print('stopping');
  await servers.opened.close();
};

/** Says where the logs of a demo that failed are. */
const printFolder = () => {
  if (servers.folder !== undefined) process.stderr.write(`The logs are in ${servers.folder}\n`);
};

const options = readOptions(process.argv);
const stopped = stopOnSignal();
try {
  const result = await Promise.race([run(options), stopped, servers.lost]);
  // The interrupted run may still be starting servers. They end with this process.
  if (result === undefined) {
    await servers.deleteFiles();
    process.exit(130);
  }
  if (!options.once) await Promise.race([stopped, servers.lost]);
  await servers.opened.close();
  if (options.json) for (const line of result.lines) print(JSON.stringify(line));
  if (result.succeeded) await servers.deleteFiles();
  else printFolder();
  process.exitCode = result.succeeded ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await servers.opened.close();
  printFolder();
  // The run may still wait for a server that has exited.
  process.exit(1);
}
