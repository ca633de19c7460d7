import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { install, lockedPackages, pack, ROOT, refusing } from '../support/packages.js';

const PACKAGE = join(ROOT, 'packages', 'client');

const PROJECT = mkdtempSync(join(tmpdir(), 'onboarding-client-'));

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** Writes a file of the project, and returns its path. */
const write = (file: string, content: string): string => {
  const path = join(PROJECT, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};

beforeAll(async () => install(PROJECT, await pack(PACKAGE, PROJECT)));

/** The rest of a backend, whose start passes everything but the server: decoding, encryption and the connection. */
const STARTING = `
  process.env.TEMPORAL_ADDRESS = '127.0.0.1:1';
  const start = async () => {
    const { client, close } = await connectOnboardingClient({ contactKey: 'a-key-of-the-backend' });
    const contact = { email: 'a@example.com', phone: '03001234567', countryCode: '+57' };
    const request = { project: 'p', projectFlow: 'f', contact, fullName: 'A B' };
    const error = await client.start(request, { reference: 'customer-1' }).catch((thrown) => thrown);
    console.log(error instanceof OnboardingError, error.type);
    await close();
  };
  start();`;

const BACKENDS = {
  esm: [
    'esm/backend.mjs',
    `import { connectOnboardingClient, OnboardingError } from 'verifik-onboarding-client';${STARTING}`,
  ],
  cjs: [
    'cjs/backend.cjs',
    `const { connectOnboardingClient, OnboardingError } = require('verifik-onboarding-client');${STARTING}`,
  ],
} as const;

const FORMATS = ['esm', 'cjs'] as const;

/** Runs a backend. Returns its output, in which warnings would be. */
const run = async (file: string): Promise<string> =>
  (await execa(process.execPath, [file], { cwd: dirname(file), all: true })).all;

const STRICT_BACKEND = `
  import { connectOnboardingClient, type OnboardingResult, type Snapshot, type WireEvent } from 'verifik-onboarding-client';
  export const onboard = async () => {
    const { client } = await connectOnboardingClient({ contactKey: 'a-key-of-the-backend' });
    const { workflowId, token } = await client.start(
      { project: 'p', projectFlow: 'f', contact: { email: 'a@example.com' }, fullName: 'A B' },
      { reference: 'customer-1' },
    );
    const snapshot: Snapshot = await client.status(workflowId);
    const result: OnboardingResult = await client.result(workflowId);
    const outcome: 'verified' | 'rejected' | 'expired' | 'withdrawn' = result.outcome;
    const used: readonly [string, string] = [token, snapshot.awaiting.what];
    // @ts-expect-error finished is not a status
    client.list({ status: 'finished' });
    return { outcome, used };
  };
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
  };`;

/** Returns the code blocks of a document. */
const blocksOf = (document: string): readonly string[] =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);

/** Returns the name of the package that an import names. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe.concurrent('the packed client', () => {
  it('installs at most 70 packages and 60 MB', async () => {
    expect(Object.keys(lockedPackages(PROJECT)).length).toBeLessThanOrEqual(70);
    const { stdout } = await execa('du', ['-sk', join(PROJECT, 'node_modules')]);
    expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(60 * 1024);
  });

  it('installs on the oldest Node of its engines: no package needs a later one', () => {
    expect(refusing(PROJECT, readJson(PACKAGE, 'package.json').engines.node)).toEqual([]);
  });

  it('depends on the packages that its modules import, in the versions of the workers', () => {
    const installed = join(PROJECT, 'node_modules', 'verifik-onboarding-client', 'dist');
    const modules = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(js|ts)$/.test(file),
    );
    const imported = modules.flatMap((file) =>
      [...readFileSync(join(installed, file), 'utf8').matchAll(/^(?:import|export) .*from '([^'.][^']*)';$/gm)].map(
        ([, specifier = '']) => packageOf(specifier),
      ),
    );
    const names = [...new Set(imported)].filter((name) => !name.startsWith('node:')).sort();
    const { dependencies, version, engines } = readJson(ROOT, 'package.json');
    expect(readJson(PACKAGE, 'package.json')).toMatchObject({ version, engines });
    expect(readJson(PACKAGE, 'package.json').dependencies).toEqual(
      Object.fromEntries(names.map((name) => [name, dependencies[name]])),
    );
  });

  it.each(FORMATS)('runs in a backend of the format %s', async (format) => {
    const [file, code] = BACKENDS[format];
    expect(await run(write(file, code))).toBe('true Unavailable');
  });

  it.each(FORMATS)('runs in a bundle of the format %s, without node_modules', async (format) => {
    const outfile = join(
      mkdtempSync(join(tmpdir(), 'onboarding-bundle-')),
      `backend.${format === 'esm' ? 'mjs' : 'cjs'}`,
    );
    const [, banner = ''] = readFileSync(join(ROOT, 'docs/client.md'), 'utf8').match(/--banner:js="([^"]*)"/) ?? [];
    const [file, code] = BACKENDS[format];
    const entryPoints = [write(`bundled/${file}`, code)];
    const { warnings } = await build({
      entryPoints,
      outfile,
      bundle: true,
      platform: 'node',
      format,
      banner: format === 'esm' ? { js: banner } : {},
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    expect(await run(outfile)).toBe('true Unavailable');
  });

  it('has types for ESM and CommonJS with skipLibCheck: false, with which the code of the documents compiles', async () => {
    const [readme = ''] = blocksOf('README.md');
    const encryption = blocksOf('docs/encryption.md');
    expect(encryption).toHaveLength(2);
    const outside = 'declare const unwrapAtYourKeyService: (keyId: string) => Promise<Uint8Array>;';
    const files = [
      write('types/readme.mts', `${readme}\nexport { appRegistrationId, expiresAt, outcome, reason, token };`),
      ...encryption.map((code, index) =>
        write(`types/encryption-${index}.mts`, `${code}\n${outside}\nexport { client };`),
      ),
      write('types/backend.cts', STRICT_BACKEND),
    ];
    const compilerOptions = {
      strict: true,
      module: 'node20',
      target: 'es2023',
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const { stdout } = await execa(tsc, ['--pretty', 'false'], { cwd: PROJECT, reject: false });
    // SDK 1.24's own declarations import a module without types.
    const errors = stdout.split('\n').filter((line) => !/^(?:node_modules\/@temporalio\/| |$)/.test(line));
    expect(errors).toEqual([]);
  });
});
