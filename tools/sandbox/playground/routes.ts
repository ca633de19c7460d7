import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { inventPeople } from '../applicant/people.js';
import { FAULT_PROFILES } from '../faults/faults.js';
import { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW } from '../settings.js';
import { addGatewayProxy, type GatewayConnection } from './gateway.js';
import { guard } from './guard.js';

// HTML, CSS and SVG are in the source folder, scripts in `dist`. This file itself runs from either.
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const SOURCE = new URL(FROM_SOURCE ? './page/' : '../../../../tools/sandbox/playground/page/', import.meta.url);
const DIST = new URL(FROM_SOURCE ? '../../../dist/tools/sandbox/playground/page/' : './page/', import.meta.url);

/** The types of the page's files by their suffix. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
};

const addPageFiles = (app: FastifyInstance): void => {
  const serve = (path: string, fileOf: (name: string) => URL): void => {
    app.get<{ Params: { name?: string } }>(path, async ({ params }, reply) => {
      const file = fileOf(params.name ?? '');
      const text = await readFile(file).catch(() => undefined);
      if (text === undefined)
        return reply.code(404).type('text/plain').send('File not found. Scripts are built by: npm run build');
      const type = TYPES[file.pathname.replace(/.*\./, '')] ?? 'text/plain';
      return reply.type(type).header('cache-control', 'no-cache').send(text);
    });
  };
  for (const path of ['/playground', '/playground/'])
    app.get(path, async (_request, reply) => reply.redirect('/', 302));
  serve('/', () => new URL('index.html', SOURCE));
  serve('/playground/:name(^(?:style\\.css|icon\\.svg)$)', (name) => new URL(name, SOURCE));
  serve('/playground/script/:name(^[a-z-]+\\.js$)', (name) => new URL(name, DIST));
};

/** The number of people that a page load offers. */
const PEOPLE = 20;

/** Adds the playground: a page at `/` to act as the applicant, the backend, a reviewer and Verifik. */
export const addPlayground = (app: FastifyInstance, connection: GatewayConnection, seed: number): void => {
  let loads = 0;
  guard(app);
  addPageFiles(app);
  // The page's configuration. It contains no secrets.
  app.get('/playground/config.json', async (_request, reply) => {
    // Different people on each page load, until the sandbox restarts.
    loads += 1;
    const { options } = connection;
    reply.header('cache-control', 'no-store');
    return {
      gateway: options !== undefined,
      project: DEFAULT_PROJECT,
      projectFlow: DEFAULT_PROJECT_FLOW,
      faultProfiles: FAULT_PROFILES,
      temporalUi: options?.temporalUiUrl,
      workflowIdPrefix: options?.workflowIdPrefix,
      namespace: options?.namespace,
      reviewReasons: options?.reviewReasons,
      people: inventPeople(seed + 7_919 * loads, PEOPLE),
    };
  });
  app.register(async (proxy) => addGatewayProxy(proxy, connection), { prefix: '/playground/gateway' });
};
