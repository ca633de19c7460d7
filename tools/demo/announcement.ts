import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAlive, type RunningDemo, readRunningDemos, runningDemoFile } from '../../shared/running-demo.js';
import type { Opened } from '../processes/opened.js';
import type { Sandbox } from '../sandbox/index.js';
import { CONTACT_KEY, type Gateway, type Shared, TENANT, type Worker } from './servers.js';

/** Everything that a user can reach while the demo runs. */
export interface Running {
  readonly shared: Shared;
  readonly sandbox: Sandbox;
  readonly worker: Worker;
  readonly gateway: Gateway;
}

const WIDTH = 15;

/** Returns a command that starts an onboarding. It can be repeated: the reference makes it idempotent. */
const startCommand = ({ gateway, sandbox: { project, projectFlow } }: Running): string => {
  const contact = { email: 'applicant@example.com' };
  const request = { reference: 'customer-4711', project, projectFlow, contact, fullName: 'The Applicant' };
  return [
    `curl ${gateway.url}/v1/onboardings -H 'content-type: application/json'`,
    `-H 'authorization: Bearer ${gateway.keys.demo}'`,
    `-d '${JSON.stringify(request)}'`,
  ].join(' \\\n    ');
};

/** Describes the running servers, with commands to copy. */
export const describeRunning = (running: Running): string => {
  const { shared, sandbox, worker, gateway } = running;
  const { uiUrl, address, namespace } = shared.temporal;
  const rows = {
    'Temporal UI': `${uiUrl}/namespaces/${namespace}/workflows`,
    playground: `${sandbox.url}, the sandbox with Verifik's API under /v2`,
    gateway: `${gateway.url}, its API documented under /docs`,
    'codec server': `${shared.codecServerUrl}, signed in; the UI uses it`,
    Temporal: `${address}, namespace ${namespace}`,
    metrics: `${worker.metricsUrl} of the worker, ${gateway.metricsUrl} of the gateway`,
    'API key': gateway.keys.demo,
    'contact key': CONTACT_KEY,
    project: sandbox.project,
    'project flow': sandbox.projectFlow,
    'batch folder': shared.batchFolder,
    logs: shared.folder,
  };
  return [
    '\nAll servers run until you press Ctrl-C.\n',
    ...Object.entries(rows).map(([name, value]) => `  ${name.padEnd(WIDTH)}${value}`),
    '\nStart an onboarding over HTTP, and see it on the command line:\n',
    `  ${startCommand(running)}\n`,
    '  npx verifik-onboarding list',
    `  npx verifik-onboarding status ${TENANT}:customer-4711`,
    '  npx verifik-onboarding review list\n',
  ].join('\n');
};

/** Returns the environment with which the command line uses the servers. */
const environmentOf = ({ shared, sandbox }: Running): RunningDemo['env'] => ({
  TEMPORAL_ADDRESS: shared.temporal.address,
  TEMPORAL_NAMESPACE: shared.temporal.namespace,
  ONBOARDING_CONTACT_KEY: CONTACT_KEY,
  ONBOARDING_ENCRYPTION_KEYS_FILE: shared.keysFile,
  ONBOARDING_BATCH_FOLDER: shared.batchFolder,
  ONBOARDING_EVIDENCE_KEYS: shared.evidenceKeys,
  VERIFIK_BASE_URL: sandbox.url,
  VERIFIK_CLIENT_TOKEN: sandbox.clientToken,
});

/** Writes the file by which the command line finds the servers, until they close. It contains secrets. */
export const writeRunningDemo = async (opened: Opened, running: Running): Promise<void> => {
  const { pid } = process;
  const file = runningDemoFile(pid);
  const demo: RunningDemo = { pid, env: environmentOf(running) };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${pid}`, JSON.stringify(demo), { mode: 0o600 });
  await rename(`${file}.${pid}`, file);
  opened.onClose(() => rm(file, { force: true }));
  const ended = readRunningDemos().filter((one) => !isAlive(one));
  await Promise.all(ended.map((one) => rm(runningDemoFile(one.pid), { force: true })));
};
