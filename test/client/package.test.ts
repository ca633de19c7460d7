import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let project: string;
let packed: readonly string[];

/** Creates an empty project with the packed package and the dependencies that the package declares. */
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'onboarding-package-'));
  const { stdout } = await execa('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: ROOT,
  });
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(stdout);
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

/** Compiles a file of the project with strict settings. Returns the compiler's exit code and output. */
const compile = async (file: string): Promise<readonly [number | undefined, string]> => {
  const types = [join(ROOT, 'node_modules', '@types', 'node')];
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    noEmit: true,
    skipLibCheck: true,
    types,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { stdout, exitCode } = await execa(tsc, ['-p', project], { cwd: project, reject: false });
  return [exitCode, stdout];
};

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

  it('lets an empty project import the client', async () => {
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

  it('compiles the code of the README', async () => {
    const [, code] = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/```ts\n(.*?)```/s) ?? [];
    writeFileSync(
      join(project, 'readme.ts'),
      `${code}\nexport { appRegistrationId, expiresAt, outcome, reason, token };`,
    );
    expect(await compile('readme.ts')).toEqual([0, '']);
  });

  it('compiles the code of docs/encryption.md', async () => {
    const text = readFileSync(join(ROOT, 'docs', 'encryption.md'), 'utf8');
    const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(blocks).toHaveLength(2);
    for (const [index, code] of blocks.entries()) {
      const file = `encryption-${index}.ts`;
      const outside = 'declare const unwrapAtYourKeyService: (keyId: string) => Promise<Uint8Array>;';
      writeFileSync(join(project, file), `${code}\n${outside}\nexport { client };`);
      expect(await compile(file)).toEqual([0, '']);
    }
  });

  it('has types that a strict project can use', async () => {
    writeFileSync(
      join(project, 'backend.ts'),
      `import { connectOnboardingClient, type OnboardingResult, type Snapshot, type WireEvent } from 'verifik-onboarding/client';
       const { client } = await connectOnboardingClient({ contactKey: 'a-key-of-the-backend' });
       const { workflowId, token } = await client.start(
         { project: 'p', projectFlow: 'f', contact: { email: 'a@example.com' }, fullName: 'A B' },
         { reference: 'customer-1' },
       );
       const snapshot: Snapshot = await client.status(workflowId);
       const result: OnboardingResult = await client.result(workflowId);
       export const outcome: 'verified' | 'rejected' | 'expired' | 'withdrawn' = result.outcome;
       export const used: readonly [string, string] = [token, snapshot.awaiting.what];
       // @ts-expect-error finished is not a status
       client.list({ status: 'finished' });
       export const describe = (event: WireEvent): string => {
         switch (event.type) {
           case 'onboarding.check.failed':
             return \`\${event.data.check}: \${event.data.attempts.failed} of \${event.data.attempts.limit}\`;
           case 'onboarding.ended':
             return event.data.decision.outcome;
           default:
             // @ts-expect-error other events have no decision
             return event.data.decision;
         }
       };`,
    );
    expect(await compile('backend.ts')).toEqual([0, '']);
  });
});
