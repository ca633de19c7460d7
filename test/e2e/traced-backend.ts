import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { install, pack, ROOT } from '../support/packages.js';
import { blocksOf, readDocument } from './documents.js';

const TRACING = readDocument('tracing.md');
const TITLE = 'In a Node backend';

/** The rest of the backend: a span of its own with a start inside, and baggage, which Temporal must not receive. */
const CHECKOUT = `
import { context, propagation, trace } from '@opentelemetry/api';

const request = JSON.parse(process.env['REQUEST'] ?? '');
const baggage = propagation.createBaggage({ email: { value: request.contact.email } });
const { token } = await context.with(propagation.setBaggage(context.active(), baggage), () =>
  trace.getTracer('shop').startActiveSpan('checkout', async (span) => {
    try {
      return await client.start(request, { reference: 'checkout', callbacks: { endpoint: 'service', id: 'checkout' } });
    } finally {
      span.end();
    }
  }),
);
await close();
await sdk.shutdown();
console.log(token);
`;

const compilerOptions = {
  strict: true,
  module: 'node20',
  target: 'es2023',
  skipLibCheck: true,
  types: ['node'],
};

/**
 * Installs the packed client in an empty project, with the packages and the code of docs/tracing.md. Returns a function
 * that starts the onboarding `checkout` there, and returns its token.
 */
export const installTracedBackend = async (): Promise<(env: Readonly<Record<string, string>>) => Promise<string>> => {
  const cwd = mkdtempSync(join(tmpdir(), 'traced-backend-'));
  const [command = ''] = blocksOf(TRACING, TITLE, 'sh');
  const [code = ''] = blocksOf(TRACING, TITLE, 'ts');
  const packages = command.trim().split(' ').slice('npm install'.split(' ').length);
  await install(cwd, await pack(join(ROOT, 'packages', 'client'), cwd), ...packages);
  writeFileSync(join(cwd, 'backend.mts'), code + CHECKOUT);
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['backend.mts'] }));
  await execa(join(ROOT, 'node_modules', '.bin', 'tsc'), { cwd });
  return async (env) => (await execa(process.execPath, ['backend.mjs'], { cwd, env })).stdout;
};
