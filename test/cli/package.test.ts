import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { newKeysFile } from '../support/encryption-keys.js';
import { install, pack, ROOT, refusing } from '../support/packages.js';

let project: string;
let packed: readonly string[];

/** Creates an empty project with the packed package and the dependencies that the package declares. */
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'onboarding-package-'));
  const { filename, files } = await pack(ROOT, project);
  packed = files.map(({ path }) => path);
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'verifik-onboarding'), { recursive: true });
  await execa('tar', [
    '-xzf',
    join(project, filename),
    '-C',
    join(modules, 'verifik-onboarding'),
    '--strip-components=1',
  ]);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
});

describe('the packed package', () => {
  it('has commands that a shell runs with Node', () => {
    const { bin }: { bin: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const installed = join(project, 'node_modules', 'verifik-onboarding');
    for (const file of Object.values(bin))
      expect(readFileSync(join(installed, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('contains the compiled code, the workflow bundle and the licence, and nothing of the sandbox or the tests', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'dist/client/index.js',
        'dist/client/index.d.ts',
        'dist/workflow-bundle.js',
        'LICENSE',
        'README.md',
      ]),
    );
    expect(packed.filter((path) => /^dist\/(sandbox|devserver|start|test)\//.test(path))).toEqual([]);
  });

  it('has the documents that the command line names, and shows its version', async () => {
    const run = (args: readonly string[]) =>
      execa(process.execPath, ['node_modules/verifik-onboarding/dist/cli/main.js', ...args], {
        cwd: project,
        reject: false,
        env: { TEMPORAL_ADDRESS: '127.0.0.1:1', NODE_ENV: 'production' },
      });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect((await run(['--version'])).stdout).toBe(version);
    const ended = await Promise.all(
      [['--help'], ['list', '--help'], ['status', 'x'], ['doctor', '--timeout', '1']].map(run),
    );
    for (const { stdout, stderr } of ended) {
      const [document = 'no document'] = `${stdout} ${stderr}`.match(/\S+\.md\b/) ?? [];
      expect(document).toMatch(/^node_modules\/verifik-onboarding\/docs\//);
      expect(existsSync(join(project, document))).toBe(true);
    }
  });

  it('asks for the SDK of a key management service, which it does not install', async () => {
    const keys = { current: 'kms', keys: { kms: 'aws-kms://arn:aws:kms:eu-central-1:111122223333:key/1' } };
    const { stderr } = await execa(
      process.execPath,
      ['node_modules/verifik-onboarding/dist/cli/main.js', 'status', 'x'],
      { cwd: project, reject: false, env: { ONBOARDING_ENCRYPTION_KEYS: JSON.stringify(keys) } },
    );
    expect(stderr).toContain('AWS KMS did not wrap a data key: install @aws-sdk/client-kms');
  });

  it('installs on the oldest Node of its engines: no package needs a later one', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'onboarding-install-'));
    await install(empty, await pack(ROOT, empty), '--package-lock-only');
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(refusing(empty, engines.node)).toEqual([]);
  });

  it('exports the client', async () => {
    writeFileSync(
      join(project, 'backend.js'),
      `import { OnboardingClient, OnboardingError, connectOnboardingClient } from 'verifik-onboarding/client';
       process.env.TEMPORAL_ADDRESS = '127.0.0.1:1';
       const { client } = await connectOnboardingClient({ contactKey: 'a-key-of-the-backend' });
       const error = await client.status('an-onboarding').catch((thrown) => thrown);
       console.log(typeof OnboardingClient, error instanceof OnboardingError, error.type);`,
    );
    const { stdout } = await execa(process.execPath, ['backend.js'], { cwd: project });
    expect(stdout).toBe('function true Unavailable');
  });

  it("exports a plugin and the workflows, with which the example's worker is bundled", async () => {
    for (const file of ['workflows.js', 'accounts.js'])
      copyFileSync(join(ROOT, 'dist/examples/workflow', file), join(project, file));
    writeFileSync(
      join(project, 'bundle.js'),
      `import { fileURLToPath } from 'node:url';
       import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
       import { OnboardingPlugin } from 'verifik-onboarding/worker';
       const plugin = await OnboardingPlugin.open();
       const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));
       const { code } = await bundleWorkflowCode({ workflowsPath, plugins: [plugin], logger: new DefaultLogger('ERROR') });
       console.log(['applyForAccount', 'pendingReports', 'replay-guard'].filter((name) => code.includes(name)).join(' '));
       await OnboardingPlugin.open({ env: {} }).catch(({ name, message }) => console.log(name, message));`,
    );
    const env = { VERIFIK_CLIENT_TOKEN: 'a-token-of-verifik', ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile() };
    const { stdout } = await execa(process.execPath, ['bundle.js'], { cwd: project, env });
    const [found, refused] = stdout.split('\n');
    expect(found).toBe('applyForAccount pendingReports replay-guard');
    expect(refused).toMatch(/^MisconfiguredError .*VERIFIK_CLIENT_TOKEN/);
  });
});
