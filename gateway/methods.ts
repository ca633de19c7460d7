import type { HTTPMethods } from 'fastify';
import type { Api } from './codecs.js';
import { Problem } from './problems.js';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];

/** Has the paths of the routes that come after this answer to other methods with those that there are. Answers what adds them. */
export const noteMethods = (app: Api): (() => void) => {
  const byPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = byPath.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    byPath.set(url, known);
  });
  return () => {
    for (const [url, known] of [...byPath]) {
      const allow = [...known].join(', ');
      const refuse = async () => {
        throw new Problem('methodNotAllowed', { allow });
      };
      const others = METHODS.filter((method) => !known.has(method));
      app.route({ method: others, url, schema: { hide: true }, onRequest: refuse, handler: refuse });
    }
  };
};
