import { expect, it, vi } from 'vitest';
import { lookupPublic, publicAgent } from '../../activities/callbacks/public-addresses.js';

const addressesOf = (hostname: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    lookupPublic(hostname, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

it('a name with an IPv4-compatible address is not looked up for a callback', async () => {
  expect(await addressesOf('93.184.216.34')).toEqual([{ address: '93.184.216.34', family: 4 }]);
  expect(await addressesOf('2606:4700::1111')).toEqual([{ address: '2606:4700::1111', family: 6 }]);
  await expect(addressesOf('::127.0.0.1')).rejects.toThrow('The address is not allowed. Because');
});

it('a callback to a public address prints nothing', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  let lookedUp = () => {};
  const done = new Promise<void>((resolve) => {
    lookedUp = resolve;
  });
  const socket = publicAgent.createConnection({
    host: 'service.example.com',
    port: 443,
    lookup: (_hostname, _options, callback) => {
      setImmediate(() => {
        // A destroyed socket does not connect.
        socket.destroy();
        callback(null, [{ address: '93.184.216.34', family: 4 }]);
        lookedUp();
      });
    },
  });
  await done;
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
