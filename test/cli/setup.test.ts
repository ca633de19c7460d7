import { msToTs } from '@temporalio/common/lib/time.js';
import { describe, expect, it } from 'vitest';
import { EXITS } from '../../cli/exit-codes.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
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
  return { close: kill, envOf };
});

describe('verifik-onboarding setup', () => {
  it('registers the search attributes, and finds them present when it is repeated', async () => {
    const env = server.envOf('first');
    const { stdout, exitCode } = await inPipes(['setup'], env);
    expect(stdout.split('\n')).toEqual(['namespace   first', ...NAMES.map((name) => `registered  ${name}`)]);
    expect(exitCode).toBe(0);
    await expect
      .poll(async () => JSON.parse((await inPipes(['setup', '--json'], env)).stdout))
      .toEqual({ namespace: 'first', registered: [], present: NAMES });
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
    const { exitCode, stderr } = await inPipes(['setup', '--profile=there'], env);
    expect(exitCode).toBe(EXITS.unavailable.code);
    expect(stderr).toMatch(/^error: .*nowhere/);
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
