import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';

// The page and its style are served as they were written, its script as it was compiled; this file may run as either.
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const WRITTEN = new URL(FROM_SOURCE ? './page/' : '../../../../tools/sandbox/playground/page/', import.meta.url);
const COMPILED = new URL(FROM_SOURCE ? '../../../dist/tools/sandbox/playground/page/' : './page/', import.meta.url);

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
} as const;

const send = async (reply: FastifyReply, file: URL, type: keyof typeof TYPES): Promise<FastifyReply> => {
  try {
    const text = await readFile(file);
    return reply.type(TYPES[type]).header('cache-control', 'no-cache').send(text);
  } catch {
    return reply.code(404).type('text/plain').send('There is no such file. The script is built by: npm run build');
  }
};

/** The page, its style, its icon and its script. */
export const addPageFiles = (app: FastifyInstance): void => {
  app.get('/', async (_request, reply) => send(reply, new URL('index.html', WRITTEN), 'html'));
  for (const path of ['/playground', '/playground/'])
    app.get(path, async (_request, reply) => reply.redirect('/', 302));
  app.get('/playground/style.css', async (_request, reply) => send(reply, new URL('style.css', WRITTEN), 'css'));
  app.get('/playground/icon.svg', async (_request, reply) => send(reply, new URL('icon.svg', WRITTEN), 'svg'));
  app.get<{ Params: { name: string } }>('/playground/script/:name(^[a-z-]+\\.js$)', async ({ params }, reply) =>
    send(reply, new URL(params.name, COMPILED), 'js'),
  );
};
