import * as t from 'io-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { Opened } from '../../tools/processes/opened.js';
import { createApplicant, inventPeople, startSandbox } from '../../tools/sandbox/index.js';
import { freePort, startDevServer } from '../../tools/servers/index.js';
import { IMMEDIATE } from '../support/immediate.js';
import { opened } from '../support/opened.js';
import { lockedPackages } from '../support/packages.js';
import { containersWith, makeSecrets, runImage } from './containers.js';
import { decodeOrThrow, TOP } from './files.js';
import { buildImage, ownBytes, ownFiles } from './podman.js';

/** `npm run check:image`, not part of `npm test`: installs Podman, and builds the image. */
const ASKED = process.env['DEPLOY_IMAGE'] === '1';
const BUILT_WITHIN_MS = 1_200_000;

/** The files that the image adds, except those in folders of `/app`. */
const TOP_FILES = [
  ...['/app', '/app/CHANGELOG.md', '/app/LICENSE', '/app/README.md', '/app/dist', '/app/node_modules'],
  ...['/app/package.json', '/usr/local/bin/entrypoint.sh', '/var/lib/onboarding', '/var/lib/onboarding/batches'],
];

const PROCESSES = ['worker', 'gateway', 'codecServer'] as const;

const MEGABYTE = 1_000_000;

/** Runs all processes of the image as services of compose.yaml, with a Temporal server and a sandbox here. */
const openSystem = () =>
  Opened.closingOnFailure(async (opened) => {
    const address = async () => `127.0.0.1:${await freePort()}`;
    const sandbox = opened.add(await startSandbox({ settings: IMMEDIATE }));
    const server = opened.add(await startDevServer({ port: await freePort(), headless: true }));
    const secrets = await makeSecrets(sandbox.clientToken);
    const containers = opened.add(containersWith(secrets));
    const temporal = { TEMPORAL_ADDRESS: server.address };
    const setup = await containers.run('setup', temporal);
    if (setup.exitCode !== 0) throw new Error(`the setup failed: ${setup.output}`);
    const at = { worker: await address(), gateway: await address(), codecServer: await address() };
    const workerVariables = {
      ...temporal,
      VERIFIK_BASE_URL: sandbox.url,
      ONBOARDING_HEALTH_ADDRESS: at.worker,
      ONBOARDING_METRICS_ADDRESS: await address(),
    };
    const [worker, gateway, codecServer] = await Promise.all([
      containers.start('worker', workerVariables, at.worker),
      containers.start(
        'gateway',
        { ...temporal, GATEWAY_ADDRESS: at.gateway, GATEWAY_METRICS_ADDRESS: await address() },
        at.gateway,
      ),
      containers.start(
        'codec-server',
        { CODEC_SERVER_ADDRESS: at.codecServer, CODEC_SERVER_METRICS_ADDRESS: await address() },
        at.codecServer,
      ),
    ]);
    const gatewayUrl = `http://${at.gateway}`;
    await sandbox.control.settings({ webhookUrl: `${gatewayUrl}${secrets.webhookPath}` });
    return {
      ...{ sandbox, secrets, worker, gateway, codecServer, gatewayUrl },
      codecServerUrl: `http://${at.codecServer}`,
      /** Runs a command of the command line with the environment of the worker. */
      commandLine: (...args: readonly string[]) =>
        containers.run('worker', workerVariables, ['verifik-onboarding', ...args]),
      close: () => opened.close(),
    };
  });

beforeAll(async () => {
  if (ASKED) await buildImage();
}, BUILT_WITHIN_MS);

describe.skipIf(!ASKED)('the image', () => {
  it('adds to its base only the package with its dependencies for production and one platform', async () => {
    const files = await ownFiles();
    expect(files.filter((file) => !/^\/app\/(dist|node_modules)\//.test(file))).toEqual(TOP_FILES);
    expect(files.filter((file) => /\.(map|ts|npmrc|git)$|^\/app\/dist\/(test|tools|examples)/.test(file))).toEqual([]);
    const development = Object.entries(lockedPackages(TOP)).filter(([, { dev, link }]) => dev || link);
    expect(development.length).toBeGreaterThan(100);
    expect(development.filter(([path]) => files.includes(`/app/${path}`))).toEqual([]);
    expect(files.filter((file) => /core-bridge\/releases\/[^/]+$/.test(file))).toHaveLength(1);
  });

  it('is less than 160 MB larger than its base', async () => {
    const megabytes = (await ownBytes()) / MEGABYTE;
    console.log(`The image adds ${Math.round(megabytes)} MB to its base.`);
    expect(megabytes).toBeLessThan(160);
  });

  it('runs other commands as well, and explains an unknown argument', async () => {
    expect(await runImage('id', '-u')).toEqual({ exitCode: 0, output: '1000' });
    expect(await runImage('wroker')).toEqual({
      exitCode: 2,
      output:
        "unknown argument 'wroker': expected worker, gateway, codec-server, setup, verifik-onboarding or a command",
    });
  });

  it('has the command line', async () => {
    const { exitCode, output } = await runImage('verifik-onboarding', '--help');
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('Usage') });
  });
});

describe.skipIf(!ASKED)('after the setup, the processes of the image', () => {
  const system = opened(openSystem);

  it('onboard an applicant over HTTP, with webhooks', async () => {
    const { sandbox, gatewayUrl, secrets } = system;
    const [person] = inventPeople(7, 1);
    if (person === undefined) throw new Error('no person was invented');
    const { project, projectFlow } = sandbox;
    const { email, phone, countryCode, fullName } = person;
    const contact = { email, phone, countryCode };
    const response = await fetch(`${gatewayUrl}/v1/onboardings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secrets.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reference: 'customer-1', project, projectFlow, contact, fullName }),
    });
    const { token } = decodeOrThrow(t.type({ token: t.string }), await response.json(), 'the response');
    const applicant = createApplicant({ url: sandbox.url, token, project, person });
    for (const check of CHECK_NAMES) await applicant.pass(check);
    // Its exit code is 0 only if the outcome is `verified`.
    const watched = await system.commandLine('watch', '--reference', 'first:customer-1', '--timeout', '60');
    expect(watched).toMatchObject({ exitCode: 0 });
  });

  it('pass the checks of doctor', async () => {
    expect(await system.commandLine('doctor')).toMatchObject({ exitCode: 0 });
  });

  it("serve the documentation of the gateway's API, and decode payloads for an operator", async () => {
    expect((await fetch(`${system.gatewayUrl}/docs/`)).status).toBe(200);
    const decoded = await fetch(`${system.codecServerUrl}/decode`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${system.secrets.codecServerToken}`,
        'content-type': 'application/json',
        'x-namespace': 'default',
      },
      body: JSON.stringify({ payloads: [] }),
    });
    expect(decoded.status).toBe(200);
  });

  it.each(PROCESSES)('each (%s) runs as user 1000 without privileges on a read-only file system', async (name) => {
    const status = await system[name].exec('cat', '/proc/1/status');
    expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    await expect(system[name].exec('touch', '/app/file')).rejects.toThrow('Read-only file system');
  });

  it.each(PROCESSES)('each (%s) drains on SIGTERM, and exits with code 0', async (name) => {
    expect(await system[name].stop()).toBe('exited 0');
  });
});
