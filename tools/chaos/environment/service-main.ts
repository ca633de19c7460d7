// The callback receiver of the service, in a separate process that can be killed. It appends every event with a valid
// signature to a file, one per line, before it acknowledges the event. Usage: service-main.js <port> <file>, with the
// secret in CALLBACK_SECRET.
import { appendFileSync } from 'node:fs';
import Fastify from 'fastify';
import { Webhook } from 'standardwebhooks';

const [port, file = ''] = process.argv.slice(2);
const webhook = new Webhook(process.env['CALLBACK_SECRET'] ?? '');

const keep = (line: unknown): void => appendFileSync(file, `${JSON.stringify(line)}\n`);

const header = (value: string | readonly string[] | undefined): string => [value ?? ''].flat().join();

const app = Fastify({ forceCloseConnections: true });
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.get('/healthz', async (_request, reply) => reply.code(204).send());
app.post('/callbacks', async ({ headers, body }, reply) => {
  const messageId = header(headers['webhook-id']);
  try {
    const event = webhook.verify(String(body), {
      'webhook-id': messageId,
      'webhook-timestamp': header(headers['webhook-timestamp']),
      'webhook-signature': header(headers['webhook-signature']),
    });
    keep({ messageId, event });
    return reply.code(204).send();
  } catch {
    keep({ refused: messageId });
    return reply.code(401).send();
  }
});
await app.listen({ host: '127.0.0.1', port: Number(port) });
