import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';

// HTML, CSS and SVG are in the source folder, scripts in `dist`. This file itself runs from either.
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const SOURCE = new URL(FROM_SOURCE ? './page/' : '../../../../tools/sandbox/playground/page/', import.meta.url);
const DIST = new URL(FROM_SOURCE ? '../../../dist/tools/sandbox/playground/page/' : './page/', import.meta.url);

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
    return reply.code(404).type('text/plain').send('File not found. Scripts are built by: npm run build');
  }
};

export const addPageFiles = (app: FastifyInstance): void => {
  app.get('/', async (_request, reply) => send(reply, new URL('index.html', SOURCE), 'html'));
  for (const path of ['/playground', '/playground/'])
    app.get(path, async (_request, reply) => reply.redirect('/', 302));
  app.get('/playground/style.css', async (_request, reply) => send(reply, new URL('style.css', SOURCE), 'css'));
  app.get('/playground/icon.svg', async (_request, reply) => send(reply, new URL('icon.svg', SOURCE), 'svg'));
  app.get<{ Params: { name: string } }>('/playground/script/:name(^[a-z-]+\\.js$)', async ({ params }, reply) =>
    send(reply, new URL(params.name, DIST), 'js'),
  );
};
