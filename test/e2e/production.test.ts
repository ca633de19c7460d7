import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../tools/servers/index.js';
import { personGenerator } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { readDocument } from './documents.js';
import { openRealServers } from './real-servers.js';
import { openShell } from './shell.js';

const real = opened(() => openRealServers());
const [person] = [personGenerator(53)()];

const blocksOf = (document: string): string => [...document.matchAll(/```sh\n(.*?)```/gs)].map(([, sh]) => sh).join('');
const STEPS = blocksOf(readDocument('production.md'));
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Gives the commands this test's addresses, ids, files and ports. Without a terminal, nothing can be asked. */
const adapt = async (script: string, folder: string): Promise<string> => {
  const { sandbox, address } = real;
  const request = join(folder, 'request.json');
  writeFileSync(request, JSON.stringify({ contact: { email: person.email }, fullName: person.fullName }));
  const changes: readonly (readonly [string, string])[] = [
    ['npm ci --include=dev && npm run build\n', ''],
    ['sh deploy/make-secrets.sh', `sh deploy/make-secrets.sh ${folder}`],
    ['deploy/secrets', folder],
    ['<id> --project-flow <id>', `${sandbox.project} --project-flow ${sandbox.projectFlow}`],
    ['--email example.com', '--email example.com --yes'],
    ['temporal.example.com:7233', address],
    ['start --reference', `start --file ${request} --reference`],
    ['verifik-onboarding watch', 'verifik-onboarding status'],
    ['npx verifik-onboarding', 'node dist/cli/main.js'],
    ['node dist/worker/main.js', 'node dist/worker/main.js > /dev/null'],
    ['node dist/gateway/main.js', 'node dist/gateway/main.js > /dev/null'],
    ['127.0.0.1:8090', `127.0.0.1:${await freePort()}`],
    ['127.0.0.1:8082', `127.0.0.1:${await freePort()}`],
  ];
  return changes.reduce((text, [from, to]) => text.replaceAll(from, to), script);
};

it('docs/production.md leads in ten steps from nothing to a started onboarding and a ready gateway', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'production-'));
  const script = await adapt(STEPS, folder);
  const [health, gateway] = [...script.matchAll(/http:\/\/(127[\d.:]+)\/readyz/g)].map(([, at = '']) => at);
  const { shell } = await openShell(real.address);
  const { exitCode, all } = await shell(`trap 'kill $(jobs -p); wait' EXIT\n${script}`, {
    TOKEN: real.sandbox.clientToken,
    VERIFIK_BASE_URL: real.sandbox.url,
    ONBOARDING_HEALTH_ADDRESS: health ?? '',
    GATEWAY_ADDRESS: gateway ?? '',
    ONBOARDING_METRICS_ADDRESS: '127.0.0.1:0',
    GATEWAY_METRICS_ADDRESS: '127.0.0.1:0',
  });
  expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
  expect(all).toContain('The applicant has to complete');
});

it("docs/production.md has the README's commands for production", () => {
  const block = README.slice(README.indexOf('**In production**'));
  const lines = (/```sh\n(.*?)```/s.exec(block)?.[1] ?? '').trim().split('\n');
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter((line) => !STEPS.includes(line))).toEqual([]);
});
