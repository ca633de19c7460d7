import { once } from 'node:events';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { freePort } from '../../../tools/servers/index.js';

const MODULE = new URL('../../../dist/tools/servers/index.js', import.meta.url).href;

/** Asks for a port in another process, which then exits. */
const freePortElsewhere = async (wanted?: number): Promise<number> => {
  const ask = `import { freePort } from '${MODULE}'; console.log(await freePort(${wanted}));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', ask]);
  return Number(stdout);
};

it('freePort reserves a port for one process until it exits, even if nothing listens on the port', async () => {
  const ours = await freePort();
  expect(await freePort(ours)).not.toBe(ours);
  expect(await freePortElsewhere(ours)).not.toBe(ours);
  const theirs = await freePortElsewhere();
  expect(await freePort(theirs)).toBe(theirs);
});

it('freePort returns no port that is in use without a reservation', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await freePort(port)).not.toBe(port);
  expect(await freePortElsewhere(port)).not.toBe(port);
  server.close();
});
