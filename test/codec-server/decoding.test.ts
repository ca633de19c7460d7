import { Buffer } from 'node:buffer';
import type { Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { describeEncrypted, openKeyRing } from '../../codec/index.js';
import { writePayloads } from '../../codec-server/wire.js';
import { plain, readAnswer } from './payloads.js';
import { bearer, codecOf, keysOf, run } from './running.js';

const VALUE = { outcome: 'verified', fullName: 'Aspirante Año', nothing: null };

const encrypted = async (value: unknown, keyId?: string, namespace?: string): Promise<Payload> => {
  const [payload] = await (await codecOf(keyId, namespace)).encode([plain(value)]);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
};

const tampered = ({ data, ...rest }: Payload): Payload => {
  const bytes = Buffer.from(data ?? []);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return { ...rest, data: bytes };
};

const problemIn = (text: string, index: number): string =>
  Buffer.from(JSON.parse(text).payloads[index].metadata['decoding-problem'], 'base64').toString();

describe('the codec server', () => {
  it('decodes what it has encoded, in the JSON of the Temporal UI and the CLI', async () => {
    const server = await run();
    const body = JSON.stringify(writePayloads([plain(VALUE), plain('text'), plain(undefined)]));
    const encoded = await server.ask('POST /encode', { headers: bearer(server.operator), body });
    expect(encoded.status).toBe(200);
    expect(readAnswer(encoded.text)).toEqual(Array(3).fill('binary/encrypted'));
    expect(encoded.text).not.toContain('Aspirante');
    const decoded = await server.ask('POST /decode', { headers: bearer(server.operator), body: encoded.text });
    expect(decoded.headers.get('content-type')).toContain('application/json');
    expect(readAnswer(decoded.text)).toEqual([VALUE, 'text', 'binary/null']);
    expect(Object.keys(JSON.parse(decoded.text))).toEqual(['payloads']);
  });

  it('decodes payloads of a worker, also with an earlier key, and leaves unencrypted ones unchanged', async () => {
    const server = await run();
    const payloads = [await encrypted(VALUE), await encrypted('old', '2026-10'), plain('clear')];
    const { text } = await server.decode(server.operator, payloads);
    expect(readAnswer(text)).toEqual([VALUE, 'old', 'clear']);
  });

  it('accepts base64 of Go, Python and browsers, and absent, null and unknown fields', async () => {
    const server = await run();
    const { metadata, data } = plain('~~~???');
    const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    const payload = {
      metadata: { encoding: url(metadata?.['encoding'] ?? new Uint8Array()) },
      data: url(data ?? new Uint8Array()),
      externalPayloads: [],
    };
    const ask = (body: unknown) =>
      server.ask('POST /decode', { headers: bearer(server.operator), body: JSON.stringify(body) });
    expect(readAnswer((await ask({ payloads: [payload] })).text)).toEqual(['~~~???']);
    for (const none of [{}, { payloads: null }, { payloads: [] }])
      expect(JSON.parse((await ask(none)).text)).toEqual({ payloads: [] });
    expect(await ask({ payloads: [{}, { metadata: null, data: null }] })).toMatchObject({ status: 200 });
  });

  it('leaves a payload that cannot be decoded encrypted with the reason, and decodes the others', async () => {
    const server = await run();
    const lost = await encrypted('lost', '2020-01');
    const { status, text } = await server.decode(server.operator, [plain('a'), lost, await encrypted('b')]);
    expect(status).toBe(200);
    expect(readAnswer(text)).toEqual(['a', 'binary/encrypted', 'b']);
    expect(JSON.parse(text).payloads[1]).toMatchObject(writePayloads([lost]).payloads[0] ?? {});
    expect(problemIn(text, 1)).toContain('key 2020-01');
    expect(server.log()).toMatchObject([
      { level: 'warn', msg: 'request served in part', undecoded: 1, problems: [problemIn(text, 1)] },
    ]);
    expect(await server.metrics.registry.metrics()).toContain(
      'codec_server_undecoded_payloads_total{why="missingKey"} 1',
    );
  });

  it('returns payloads without a key in a form that can be decoded once the key is available', async () => {
    const [without, withKey] = [await run(), await run({ keys: await openKeyRing(keysOf(['2020-01'])) })];
    const { text } = await without.decode(without.operator, [await encrypted(VALUE, '2020-01')]);
    const decoded = await withKey.ask('POST /decode', { headers: bearer(withKey.operator), body: text });
    expect(readAnswer(decoded.text)).toEqual([VALUE]);
  });

  it('decodes no payload that was changed or is from another namespace', async () => {
    const server = await run();
    const own = await encrypted(VALUE);
    const foreign = await encrypted(VALUE, '2026-11', 'other');
    const cut = { ...own, data: Buffer.from(own.data ?? []).subarray(0, 20) };
    for (const payload of [tampered(own), foreign, cut, { ...own, data: null }]) {
      const { status, text } = await server.decode(server.operator, [payload]);
      expect([status, readAnswer(text)]).toEqual([200, ['binary/encrypted']]);
      expect(problemIn(text, 0)).toContain('cannot be read');
    }
    const { text } = await server.decode(server.operator, [foreign], { 'x-namespace': 'other' });
    expect(readAnswer(text)).toEqual([VALUE]);
    expect(await server.metrics.registry.metrics()).toContain(
      'codec_server_undecoded_payloads_total{why="unreadable"} 4',
    );
  });

  it('serves only the configured namespaces', async () => {
    const server = await run();
    const { status, text } = await server.decode(server.operator, [plain(1)], { 'x-namespace': 'elsewhere' });
    expect([status, JSON.parse(text).error]).toEqual([403, 'foreignNamespace']);
    expect(text).not.toContain('elsewhere');
  });

  it('uses the first namespace if a request names none or an empty one', async () => {
    const server = await run({ namespaces: ['other', 'default'] });
    const payloads = [await encrypted(VALUE, '2026-11', 'other')];
    for (const headers of [{}, { 'x-namespace': '' }]) {
      const { text } = await server.decode(server.operator, payloads, headers);
      expect(readAnswer(text)).toEqual([VALUE]);
    }
  });

  it('encodes for the namespace of the request', async () => {
    const server = await run();
    const body = JSON.stringify(writePayloads([plain(VALUE)]));
    const headers = { ...bearer(server.operator), 'x-namespace': 'other' };
    const { text } = await server.ask('POST /encode', { headers, body });
    const elsewhere = await server.ask('POST /decode', { headers: bearer(server.operator), body: text });
    expect(readAnswer(elsewhere.text)).toEqual(['binary/encrypted']);
    expect(readAnswer((await server.ask('POST /decode', { headers, body: text })).text)).toEqual([VALUE]);
  });

  it('logs who saw which payloads before it sends the response', async () => {
    const server = await run();
    const codec = await codecOf();
    const context = { type: 'workflow', namespace: 'default', workflowId: 'onboarding-4711' } as const;
    const [payload] = await codec.encode([plain(VALUE)], context);
    expect(describeEncrypted(payload ?? {})).toMatchObject({ workflowId: 'onboarding-4711' });
    await server.decode(server.masked, [payload ?? {}, plain(1)], { origin: 'https://temporal.example.com' });
    expect(server.log()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        msg: 'request served',
        operation: 'decode',
        status: 200,
        caller: 'support',
        role: 'masked',
        origin: 'https://temporal.example.com',
        namespace: 'default',
        payloads: 2,
        keyIds: ['2026-11'],
        workflowIds: ['onboarding-4711'],
      },
    ]);
  });

  it('answers health checks without a credential, and does not log them', async () => {
    const server = await run();
    for (const call of ['GET /healthz', 'GET /readyz', 'HEAD /healthz', 'HEAD /readyz'])
      expect((await server.ask(call)).status).toBe(200);
    expect(server.log()).toEqual([]);
  });

  it('answers at addresses that end with a slash', async () => {
    const server = await run();
    const body = '{"payloads":[]}';
    for (const path of ['//decode', '/decode/', '//encode'])
      expect((await server.ask(`POST ${path}`, { headers: bearer(server.operator), body })).status).toBe(200);
  });
});
