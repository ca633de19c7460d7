// The callback receiver of a service, in a separate process that can be killed. It appends every event with a valid
// signature to a file, one per line, before it acknowledges the event. Usage: callback-receiver.mjs <port> <secret>
// <file>
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const [port, secret, file] = process.argv.slice(2);
const webhook = new Webhook(secret);

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    const event = webhook.verify(body, request.headers);
    appendFileSync(file, `${JSON.stringify({ messageId: request.headers['webhook-id'], ...event })}\n`);
    response.writeHead(204).end();
  } catch {
    appendFileSync(file, '"refused"\n');
    response.writeHead(401).end();
  }
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
