// A callback receiver in a process that can be killed. It appends every callback to a file, one per line, before it
// acknowledges the callback. Usage: callback-receiver-main.js <port> <file>, with the secret in CALLBACK_SECRET.
import { appendFileSync } from 'node:fs';
import { startCallbackReceiver } from './callback-receiver.js';

const { CALLBACK_SECRET: secret = '' } = process.env;
const [port, file = ''] = process.argv.slice(2);

const keep = (line: unknown): void => appendFileSync(file, `${JSON.stringify(line)}\n`);

await startCallbackReceiver({
  secret,
  port: Number(port),
  respond: (callback) => {
    keep(callback);
    return undefined;
  },
  onRefused: (refused) => keep({ refused }),
});
