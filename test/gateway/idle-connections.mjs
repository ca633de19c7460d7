// Opens connections to a server and keeps them, half of them after a request: `node idle-connections.mjs <port> <how many>`.
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);

/** More at once would have to wait for the system to take them up. */
const AT_ONCE = 250;

const open = (index) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').once('error', reject);
    if (index % 2 === 0) socket.once('connect', resolve);
    else socket.once('data', resolve).write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  });

for (let opened = 0; opened < count; opened += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, (_, index) => open(index)));
process.stdout.write('open\n');
setInterval(() => {}, 60_000);
