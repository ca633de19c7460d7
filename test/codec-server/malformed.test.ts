import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MAX_PAYLOADS } from '../../codec-server/wire.js';
import { bearer, run } from './running.js';

const SECRET = 'secret.person@example.com';

const nested = (depth: number) => `{"payloads":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('the codec server, for malformed requests,', () => {
  it.each([
    ['', '(root): expected an object'],
    ['{', '(root): expected JSON'],
    [`"${SECRET}`, '(root): expected JSON'],
    ['{"__proto__":{"payloads":[]}}', '(root): expected JSON'],
    ['null', '(root): expected an object'],
    [`"${SECRET}"`, '(root): expected an object'],
    ['1', '(root): expected an object'],
    [`{"payloads":"${SECRET}"}`, 'payloads: expected a list of payloads'],
    ['{"payloads":{}}', 'payloads: expected a list of payloads'],
    [`{"payloads":["${SECRET}"]}`, 'payloads.0: expected a payload'],
    ['{"payloads":[{},null]}', 'payloads.1: expected a payload'],
    [`{"payloads":[{"data":"${SECRET}"}]}`, 'payloads.0.data: expected base64'],
    ['{"payloads":[{"data":1}]}', 'payloads.0.data: expected base64'],
    ['{"payloads":[{"data":[1]}]}', 'payloads.0.data: expected base64'],
    ['{"payloads":[{"metadata":[]}]}', 'payloads.0.metadata: expected an object of base64 texts'],
    [`{"payloads":[{"metadata":{"encoding":"${SECRET}"}}]}`, 'payloads.0.metadata.encoding: expected base64'],
    ['{"payloads":[{"metadata":{"encoding":null}}]}', 'payloads.0.metadata.encoding: expected base64'],
  ])('names what is wrong with %s', async (body, message) => {
    const server = await run();
    for (const call of ['POST /decode', 'POST /encode']) {
      const { status, text } = await server.ask(call, { headers: bearer(server.operator), body });
      expect(status).toBe(400);
      expect(JSON.parse(text)).toEqual({ error: 'malformed', message });
    }
    expect(JSON.stringify(server.log())).not.toContain(SECRET);
  });

  it('rejects a body of deeply nested arrays', async () => {
    const server = await run();
    const { text } = await server.ask('POST /decode', { headers: bearer(server.operator), body: nested(500_000) });
    expect(JSON.parse(text)).toEqual({ error: 'malformed', message: 'payloads.0: expected a payload' });
  });

  it('reports the first five of many errors', async () => {
    const server = await run();
    const body = JSON.stringify({ payloads: Array(1_000).fill(1) });
    const { text } = await server.ask('POST /decode', { headers: bearer(server.operator), body });
    expect(JSON.parse(text).message).toMatch(/^payloads\.0: .*payloads\.4: expected a payload; and 995 more$/);
  });

  it('accepts at most 10,000 payloads', async () => {
    const server = await run();
    const headers = bearer(server.masked);
    for (const call of ['POST /decode', 'POST /encode']) {
      const most = `{"payloads":[${Array(MAX_PAYLOADS).fill('{}')}]}`;
      expect((await server.ask(call, { headers, body: most })).status).toBe(200);
      const { status, text } = await server.ask(call, { headers, body: most.replace('{}', '{},1') });
      expect(status).toBe(400);
      expect(JSON.parse(text).message).toBe('payloads: expected at most 10000 payloads');
    }
  });

  it('does not repeat a malformed URL', async () => {
    const server = await run();
    const { port, hostname } = new URL(server.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let said = '';
      socket.on('data', (data) => {
        said += data.toString();
      });
      socket.on('close', () => resolve(said)).on('error', reject);
      socket.write(`GET /%zz${SECRET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('{"error":"malformed","message":"The URL is malformed."}');
    expect(answer).not.toContain(SECRET);
  });

  it('rejects a body that is not UTF-8, or in another character set', async () => {
    const server = await run();
    const answers = await Promise.all(
      ['application/json', 'application/json; charset=iso-8859-1'].map(async (type) => {
        const headers = { ...bearer(server.operator), 'content-type': type };
        const body = new Uint8Array(Buffer.from('{"payloads":[],"ñ":1}', 'latin1'));
        const response = await fetch(`${server.url}/decode`, { method: 'POST', headers, body });
        return [response.status, await response.json()];
      }),
    );
    expect(answers).toMatchObject([
      [400, { error: 'malformed', message: '(root): expected UTF-8' }],
      [415, { error: 'notJson' }],
    ]);
  });

  it('accepts only JSON', async () => {
    const server = await run();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/octet-stream',
      'multipart/form-data',
      'application/jsonx',
    ]) {
      const headers = { ...bearer(server.operator), 'content-type': type };
      const { status, text } = await server.ask('POST /decode', { headers, body: '{}' });
      expect([status, JSON.parse(text).error]).toEqual([415, 'notJson']);
    }
    const headers = { ...bearer(server.operator), 'content-type': 'application/json; charset=utf-8' };
    expect(await server.ask('POST /decode', { headers, body: '{}' })).toMatchObject({ status: 200 });
  });

  it('rejects a body above the size limit', async () => {
    const server = await run();
    const body = JSON.stringify({ payloads: [{ data: 'x'.repeat(10 * 1024 * 1024) }] });
    const { status, text } = await server.ask('POST /decode', { headers: bearer(server.operator), body });
    expect([status, JSON.parse(text).error]).toEqual([413, 'tooLarge']);
    expect(server.log()).toMatchObject([{ caller: 'operator', refusal: 'tooLarge', status: 413 }]);
  });

  it('answers 404 at other paths', async () => {
    const server = await run();
    for (const call of ['GET /decode', 'GET /', 'GET /default/decode', 'DELETE /encode'])
      expect((await server.ask(call, { headers: bearer(server.operator) })).status).toBe(404);
  });
});
