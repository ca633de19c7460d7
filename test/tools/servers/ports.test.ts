import { once } from 'node:events';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { freePort } from '../../../tools/servers/index.js';

const MODULE = new URL('../../../dist/tools/servers/index.js', import.meta.url).href;

/** The port that a process is given which wants this one; it has ended when this answers. */
const givenElsewhere = async (wanted?: number): Promise<number> => {
  const ask = `import { freePort } from '${MODULE}'; console.log(await freePort(${wanted}));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', ask]);
  return Number(stdout);
};

it('gives a port to one process, until that ends, also while nothing listens there', async () => {
  const ours = await freePort();
  expect(await freePort(ours)).not.toBe(ours);
  expect(await givenElsewhere(ours)).not.toBe(ours);
  const theirs = await givenElsewhere();
  expect(await freePort(theirs)).toBe(theirs);
});

it('gives none where something listens that did not ask for it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await freePort(port)).not.toBe(port);
  expect(await givenElsewhere(port)).not.toBe(port);
  server.close();
});
