import { promisify } from 'node:util';
import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { DAY_MS } from '../../shared/time.js';
import { freePort, startDevServer } from '../../tools/servers/index.js';
import { withConnection } from '../../tools/servers/serving.js';
import { opened } from '../support/opened.js';
import { fileWith, inPipes } from './running.js';

const NAMES = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);

/** A server with two namespaces without search attributes, and one with an attribute of another type. */
const server = opened(async () => {
  const { address, kill } = await startDevServer({
    port: await freePort(),
    headless: true,
    namespace: 'mistyped',
    searchAttributes: [{ name: 'OnboardingStatus', type: 'INT' }],
  });
  await withConnection(address, async ({ workflowService }) => {
    for (const namespace of ['first', 'second'])
      await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  });
  const envOf = (namespace: string) => ({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  const retentionOf = (namespace: string) =>
    withConnection(address, async ({ workflowService }) => {
      const { config } = await workflowService.describeNamespace({ namespace });
      return tsToMs(config?.workflowExecutionRetentionTtl);
    });
  return { close: kill, envOf, retentionOf };
});

/** Starts a server that refuses to create namespaces, and returns its address. */
const refusingServer = async (): Promise<string> => {
  const refusal = { code: status.PERMISSION_DENIED, details: 'Request unauthorized.' };
  const bytes = (value: Buffer) => value;
  const service = 'temporal.api.workflowservice.v1.WorkflowService';
  const unary = { requestStream: false, responseStream: false } as const;
  const codecs = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  const cloud = new Server();
  for (const method of ['DescribeNamespace', 'RegisterNamespace'])
    cloud.addService(
      { [method]: { path: `/${service}/${method}`, ...unary, ...codecs } },
      { [method]: (_call: unknown, answer: sendUnaryData<Buffer>) => answer(refusal) },
    );
  onTestFinished(() => cloud.forceShutdown());
  const port = await promisify(cloud.bindAsync).call(cloud, '127.0.0.1:0', ServerCredentials.createInsecure());
  return `127.0.0.1:${port}`;
};

describe('verifik-onboarding setup', () => {
  it('registers the search attributes, and finds them present when it is repeated', async () => {
    const env = server.envOf('first');
    const { stdout, exitCode } = await inPipes(['setup'], env);
    expect(stdout.split('\n')).toEqual(['namespace   first', ...NAMES.map((name) => `registered  ${name}`)]);
    expect(exitCode).toBe(0);
    await expect
      .poll(async () => JSON.parse((await inPipes(['setup', '--json'], env)).stdout))
      .toEqual({ namespace: 'first', created: false, retentionDays: 1, registered: [], present: NAMES });
  });

  it('connects with --address and --namespace, before or after the command, instead of the variables', async () => {
    const { TEMPORAL_ADDRESS: address } = server.envOf('mistyped');
    const args = ['--address', address, 'setup', '--timeout', '10', '--namespace', 'mistyped'];
    expect(await inPipes(args, { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'nowhere' })).toEqual({
      exitCode: EXITS.failed.code,
      stdout: '',
      stderr: 'error: namespace mistyped: OnboardingStatus: expected type KEYWORD, found another',
    });
  });

  it('connects with --profile instead of TEMPORAL_PROFILE, to a namespace that does not exist', async () => {
    const { TEMPORAL_ADDRESS: address } = server.envOf('nowhere');
    const file = fileWith(`[profile.there]\naddress = "${address}"\nnamespace = "nowhere"\n`);
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'elsewhere' };
    expect(await inPipes(['setup', '--profile=there'], env)).toEqual({
      exitCode: EXITS.misconfigured.code,
      stdout: '',
      stderr:
        'error: TEMPORAL_NAMESPACE: expected a namespace that exists, not nowhere. To create it, add --create-namespace.',
    });
  });

  it('creates the namespace with its retention if asked, and leaves an existing one as it is', async () => {
    const env = server.envOf('third');
    const create = (retention: string) => inPipes(['setup', '--create-namespace', '--retention', retention], env);
    const { stdout, exitCode } = await create('7');
    expect(stdout.split('\n')).toEqual([
      'namespace   third, created with a retention of 7 days',
      ...NAMES.map((name) => `registered  ${name}`),
    ]);
    expect(exitCode).toBe(0);
    await expect
      .poll(async () => (await create('90')).stdout)
      .toMatch(/^namespace {3}third, exists with a retention of 7 days, which is unchanged\npresent/);
    expect((await create('7')).stdout).toMatch(/^namespace {3}third\npresent/);
    expect(await server.retentionOf('third')).toBe(7 * DAY_MS);
  });

  it('creates the namespace with a retention of 30 days by default', async () => {
    const created = JSON.parse(
      (await inPipes(['setup', '--create-namespace', '--json'], server.envOf('fourth'))).stdout,
    );
    expect(created).toEqual({ namespace: 'fourth', created: true, retentionDays: 30, registered: NAMES, present: [] });
    expect(await server.retentionOf('fourth')).toBe(30 * DAY_MS);
  });

  it('rejects a retention without --create-namespace, and one that is no number of days', async () => {
    const env = server.envOf('first');
    expect((await inPipes(['setup', '--retention', '7'], env)).stderr).toBe(
      'error: --retention: expected --create-namespace with it',
    );
    expect((await inPipes(['setup', '--create-namespace', '--retention', '30d'], env)).stderr).toMatch(
      /^error: --retention: expected /,
    );
  });

  it('says where to create the namespace if Temporal does not allow it, as Temporal Cloud', async () => {
    const env = { TEMPORAL_ADDRESS: await refusingServer(), TEMPORAL_NAMESPACE: 'mine.a1b2c' };
    const { exitCode, stderr } = await inPipes(['setup', '--create-namespace'], env);
    expect(stderr).toMatch(/^error: Temporal does not allow creating the namespace mine\.a1b2c\. On Temporal Cloud, /);
    expect(exitCode).toBe(EXITS.refused.code);
  });
});

describe('verifik-onboarding doctor', () => {
  it('finds missing search attributes, and registers them only with --fix', async () => {
    const env = server.envOf('second');
    const found = (await inPipes(['doctor'], env)).stdout;
    expect(found).toMatch(
      /wrong +search attributes +missing: OnboardingStatus, .*\n +Register them: verifik-onboarding setup/,
    );
    const fixed = (await inPipes(['doctor', '--fix'], env)).stdout;
    expect(fixed).toContain(`search attributes  registered now: ${NAMES.join(', ')}`);
    await expect.poll(async () => (await inPipes(['doctor'], env)).stdout).toMatch(/ok +search attributes +all /);
  });

  it('finds a search attribute of another type', async () => {
    expect((await inPipes(['doctor', '--fix', '--namespace', 'mistyped'], server.envOf('first'))).stdout).toMatch(
      /wrong +search attributes +namespace mistyped: OnboardingStatus: .*\n +Temporal cannot change the type/,
    );
  });
});
