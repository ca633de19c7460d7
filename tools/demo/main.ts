import { BatchClient, OnboardingClient } from '../../client/index.js';
import { inventPeople } from '../sandbox/index.js';
import { freePort } from '../servers/index.js';
import { goThroughOverHttp } from './http-journey.js';
import { goThrough } from './journey.js';
import { readOptions, type StartOptions } from './options.js';
import { revalidate } from './revalidation.js';
import { CONTACT_KEY, Servers, type Shared, TENANT } from './servers.js';

/** Where the sandbox and its playground answer, unless something else is there already. */
const SANDBOX_PORT = 8080;

const tell = (line: string) => void process.stdout.write(`${line}\n`);

const servers = new Servers(tell);

/** What is told as JSON at the end, and whether all went well. */
interface Ended {
  readonly lines: readonly unknown[];
  readonly well: boolean;
}

const throughOnboarding = async (options: StartOptions): Promise<Ended> => {
  const { once, via, seed, applicants, require: required } = options;
  const shared = await servers.openShared(options);
  const sandbox = await servers.openSandbox(options, once ? 0 : await freePort(SANDBOX_PORT));
  // Nobody looks into the UI of what ends by itself.
  const codecServerUrl = once ? undefined : await servers.openCodecServer(shared);
  // The playground speaks to the gateway, and leads to the codec server.
  const front = via === 'http' || !once ? await servers.openFront(shared, sandbox, codecServerUrl) : undefined;
  if (front === undefined) await servers.openWorker(shared, sandbox);
  const client = await servers.openClient(shared);
  const onboarding = new OnboardingClient(client, { contactKey: CONTACT_KEY });
  const startedAt = Date.now();
  const people = inventPeople(seed, applicants);
  const journeys = await Promise.all(
    people.map((person, index) => {
      const reference = `demo-${startedAt}-${index + 1}`;
      const prefix = people.length === 1 ? '' : `[${index + 1}] `;
      const telling = (line: string) => tell(prefix + line);
      const common = { temporal: client, sandbox, person, reference, required, tell: telling };
      if (via === 'client' || front === undefined) return goThrough({ ...common, client: onboarding });
      const { gateway, receiver } = front;
      const access = { url: gateway.url, apiKey: gateway.keys.demo, workflowIdPrefix: `onboarding-${TENANT}:` };
      return goThroughOverHttp({ ...common, gateway: access, receiver });
    }),
  );
  tellWhereToLook(shared, once);
  return { lines: journeys, well: journeys.every(({ outcome }) => outcome === 'verified') };
};

const throughBatches = async (options: StartOptions, count: number): Promise<Ended> => {
  const { once } = options;
  const shared = await servers.openShared(options);
  const sandbox = await servers.openSandbox(options, once ? 0 : await freePort(SANDBOX_PORT));
  const codecServerUrl = once ? undefined : await servers.openCodecServer(shared);
  // What the applicants do is told by webhooks.
  await servers.openFront(shared, sandbox, codecServerUrl);
  const client = new BatchClient(await servers.openClient(shared));
  const { batchFolder } = shared;
  const results = await revalidate({ client, sandbox, count, checks: options.require, batchFolder, tell });
  tellWhereToLook(shared, once);
  return { lines: [results], well: true };
};

const tellWhereToLook = ({ temporal: { uiUrl, namespace } }: Shared, once: boolean): void => {
  if (uiUrl !== undefined && !once)
    tell(`look       ${uiUrl}/namespaces/${namespace}/workflows; Ctrl-C ends everything`);
};

const run = (options: StartOptions): Promise<Ended> =>
  options.batch === undefined ? throughOnboarding(options) : throughBatches(options, options.batch);

/** Ends everything in order; a second Ctrl-C ends it at once. */
const stopOnSignal = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
      tell('stopping');
      servers.close().then(resolve, reject);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });

const options = readOptions(process.argv);
const stopped = stopOnSignal();
try {
  const ended = await Promise.race([run(options), stopped]);
  // What a signal cut short may still be building or starting something: it ends here, and takes its processes along.
  if (ended === undefined) process.exit(130);
  if (!options.once) await stopped;
  await servers.close();
  if (options.json) for (const line of ended.lines) tell(JSON.stringify(line));
  process.exitCode = ended.well ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await servers.close();
  process.exitCode = 1;
}
