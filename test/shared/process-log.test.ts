import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const COMPILED = fileURLToPath(new URL('../../dist/shared/', import.meta.url));

const PROGRAM = `
  import { setImmediate } from 'node:timers/promises';
  import { createLogger } from '${COMPILED}logging.js';
  import { logProcess } from '${COMPILED}process-log.js';
  logProcess(createLogger('info'));
  process.emitWarning('old', 'DeprecationWarning');
  console.warn('of a library: %s', 'secret.person@example.com');
  await setImmediate();
  Promise.reject(new Error('lost of secret.person@example.com'));
`;

it('a process logs warnings, output to the console and unhandled errors as JSON without personal data', async () => {
  const { exitCode, stdout, stderr } = await execa('node', ['--input-type=module', '-e', PROGRAM], { reject: false });
  expect(stdout.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', msg: 'of a library: [email]' },
    { level: 'warn', warning: 'DeprecationWarning', msg: 'old' },
    { level: 'fatal', error: { message: 'lost of [email]' }, msg: 'an error was not handled' },
  ]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(1);
});
