import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createGatewaySecrets,
  type GatewayProcess,
  startGatewayProcess,
} from '../../tools/processes/gateway-process.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { findSchemathesis, freePort } from '../../tools/servers/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { newKey, ringOf } from '../support/signing-keys.js';

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];

/** The example id of the OpenAPI document. Each tenant has an onboarding with this id. */
const EXAMPLE = 'customer-4711';

const SCOPES = ['start', 'read', 'review', 'erase', 'personal-data', 'evidence'] as const;

const key = (tenant: string) => ({ tenant, scopes: SCOPES, requestsPerMinute: 1_000_000 });

let real: RealServers;
let gateway: GatewayProcess<'running' | 'ended' | 'erased'>;

beforeAll(async () => {
  real = await openRealServers();
  await real.startWorker();
  gateway = await startGatewayProcess({
    temporalAddress: real.address,
    namespace: 'default',
    address: `127.0.0.1:${await freePort()}`,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    secrets: await createGatewaySecrets({ running: key('running'), ended: key('ended'), erased: key('erased') }),
    contactKey: 'a-key-for-the-tests',
    keysFile: real.keysFile,
    logFile: join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.log'),
    // Schemathesis also sends requests without a key.
    env: {
      GATEWAY_UNAUTHENTICATED_PER_MINUTE: '1000000',
      ONBOARDING_EVIDENCE_KEYS: ringOf('first', { first: newKey() }),
    },
  });
  for (const [index, person] of inventPeople(4711, 3).entries())
    await call(Object.values(gateway.keys)[index], 'POST', '', { ...real.request(person), reference: EXAMPLE });
  await call(gateway.keys.ended, 'POST', `/${EXAMPLE}/withdrawal`);
});

afterAll(async () => {
  await gateway?.kill();
  await real?.close();
});

const call = async (apiKey: string | undefined, method: string, path: string, body?: unknown): Promise<void> => {
  const { ok } = await fetch(`${gateway.url}/v1/onboardings${path}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(ok).toBe(true);
};

const run = async (apiKey: string, maxExamples: number, filter: readonly string[]) => {
  const [python, ...args] = await findSchemathesis(() => undefined);
  return execa(
    python,
    [
      ...args,
      ...['run', `${gateway.url}/openapi.json`, '--header', `Authorization: Bearer ${apiKey}`],
      ...['--checks', CHECKS.join(','), '--phases', 'examples,coverage,fuzzing', ...filter],
      ...['--max-examples', `${maxExamples}`, '--generation-deterministic', '--continue-on-failure'],
      ...['--no-color', '--warnings', 'off', '--request-timeout', '60'],
    ],
    { all: true, reject: false, cwd: mkdtempSync(join(tmpdir(), 'schemathesis-')) },
  );
};

const only = (...operations: readonly string[]) => operations.flatMap((id) => ['--include-operation-id', id]);
const without = (...operations: readonly string[]) => operations.flatMap((id) => ['--exclude-operation-id', id]);

describe('the gateway, tested by Schemathesis,', () => {
  const timeout = 240_000;

  it.concurrent('responds as its OpenAPI document says, and never with status 500', { timeout }, async () => {
    const filter = without('erase', 'getResult', 'streamEvents', 'withdraw');
    const { all, exitCode } = await run(gateway.keys.running, 40, filter);
    expect(exitCode, all).toBe(0);
  });

  it.concurrent('does so where an onboarding ends or has ended, and its stream and the wait for its result with it', {
    timeout,
  }, async () => {
    const { all, exitCode } = await run(gateway.keys.ended, 30, only('getResult', 'streamEvents', 'withdraw'));
    expect(exitCode, all).toBe(0);
  });

  // Only a few, because each erasure takes at least two seconds.
  it.concurrent('does so for erasures', { timeout }, async () => {
    const { all, exitCode } = await run(gateway.keys.erased, 3, only('erase'));
    expect(exitCode, all).toBe(0);
  });
});
