import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';

// A minimal webhook receiver: it parses the body, checks the secret and answers.
const [port = '0', secret = ''] = process.argv.slice(2);
const expected = Buffer.from(secret);
const app = Fastify();

app.post<{ Params: { secret: string } }>('/webhooks/verifik/:secret', async ({ params }, reply) => {
  const given = Buffer.from(params.secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send();
  return { result: 'delivered' };
});
app.get('/readyz', async () => ({ ready: true }));

process.once('SIGTERM', () => void app.close());
await app.listen({ host: '127.0.0.1', port: Number(port) });
