import { describe, expect, it } from 'vitest';
import { serveHealth } from '../../shared/http.js';

describe('the health endpoint', () => {
  it('reports alive at all times, and ready only while the process works', async () => {
    let ready = false;
    const health = await serveHealth('127.0.0.1:0', () => ready);
    const status = async (path: string, method = 'GET') => (await fetch(`${health.url}${path}`, { method })).status;
    try {
      expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
      expect([await status('/healthz', 'HEAD'), await status('/readyz', 'HEAD')]).toEqual([200, 503]);
      ready = true;
      expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    } finally {
      await health.close();
    }
  });
});
