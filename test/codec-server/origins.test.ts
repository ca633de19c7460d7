import { describe, expect, it } from 'vitest';
import { bearer, run, UI } from './running.js';

const PREFLIGHT = {
  origin: UI,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type,x-namespace,caller-type',
};

describe('the codec server, for requests of browsers,', () => {
  it('allows pages of the Temporal UI to send requests with credentials', async () => {
    const server = await run();
    const { status, headers } = await server.ask('OPTIONS /decode', { headers: PREFLIGHT });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(UI);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const allowed = headers.get('access-control-allow-headers')?.split(', ');
    for (const name of PREFLIGHT['access-control-request-headers'].split(',')) expect(allowed).toContain(name);
  });

  it('allows them to read responses, including errors', async () => {
    const server = await run();
    const asked = [
      { body: '{}', headers: bearer(server.operator) },
      { body: '{}', headers: {} },
      { body: '{"payloads":1}', headers: bearer(server.operator) },
      { body: 'x'.repeat(5 * 1024 * 1024), headers: bearer(server.operator) },
      { body: '{}', headers: { ...bearer(server.operator), 'content-type': 'text/plain' } },
      { body: '{}', headers: { ...bearer(server.operator), 'x-namespace': 'elsewhere' } },
    ];
    const statuses = [];
    for (const { body, headers } of asked) {
      const answer = await server.ask('POST /decode', { body, headers: { ...headers, origin: UI } });
      statuses.push(answer.status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(statuses).toEqual([200, 401, 400, 413, 415, 403]);
  });

  it.each([
    'https://evil.example.com',
    'http://temporal.example.com',
    `${UI}.evil.example.com`,
    `${UI}:444`,
    'null',
    '',
  ])('rejects a page of another origin (%j) before authentication', async (origin) => {
    const server = await run();
    const headers = { ...bearer(server.operator), origin };
    for (const call of [
      'POST /decode',
      'POST /encode',
      'POST /sign-in',
      'GET /healthz',
      'GET /nothing',
      'OPTIONS /decode',
    ]) {
      const answer = await server.ask(call, {
        headers: { ...PREFLIGHT, ...headers },
        ...(call.startsWith('POST') ? { body: '{}' } : {}),
      });
      expect([call, answer.status]).toEqual([call, 403]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect(server.log()).toHaveLength(6);
    expect(server.log()[0]).toMatchObject({ refusal: 'foreignOrigin', origin, operation: 'decode', status: 403 });
    expect(server.log()[0]).not.toHaveProperty('caller');
  });

  it('allows its own page to sign in, but not to decode', async () => {
    const server = await run();
    const headers = { ...bearer(server.operator), origin: server.url };
    const body = JSON.stringify({ token: server.operator });
    expect(await server.ask('POST /sign-in', { headers, body })).toMatchObject({ status: 200 });
    expect(await server.ask('POST /sign-out', { headers, body: '{}' })).toMatchObject({ status: 200 });
    expect(await server.ask('POST /decode', { headers, body: '{}' })).toMatchObject({ status: 403 });
  });
});
