import { describe, expect, it } from 'vitest';
import { writePayloads } from '../../codec-server/wire.js';
import { plain, readAnswer } from './payloads.js';
import { newToken, type Running, run, UI, writeTokens } from './running.js';

const BODY = JSON.stringify(writePayloads([plain({ fullName: 'Aspirante Año' })]));

const signIn = (server: Running, token: unknown, origin = server.url) =>
  server.ask('POST /sign-in', { headers: { origin }, body: JSON.stringify({ token }) });

const cookieIn = (headers: Headers): string => headers.get('set-cookie')?.split(';')[0] ?? '';

describe('signing in', () => {
  it('lets the Temporal UI decode with the cookie and the role of its token', async () => {
    const server = await run();
    const { status, text, headers } = await signIn(server, server.masked);
    expect([status, JSON.parse(text)]).toEqual([200, { name: 'support', role: 'masked' }]);
    expect(headers.get('set-cookie')).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    const asked = { headers: { cookie: cookieIn(headers), origin: UI, 'x-namespace': 'default' }, body: BODY };
    const decoded = await server.ask('POST /decode', asked);
    expect(readAnswer(decoded.text)).toEqual([{ fullName: 'A*** A***' }]);
    expect(decoded.headers.get('access-control-allow-origin')).toBe(UI);
    expect(server.log()).toMatchObject([
      { operation: 'sign-in', caller: 'support', role: 'masked', status: 200 },
      { operation: 'decode', caller: 'support' },
    ]);
  });

  it('accepts JSON web tokens', async () => {
    const server = await run();
    const { headers } = await signIn(server, await server.issuer.sign({ onboarding_role: 'personal-data' }));
    const { text } = await server.ask('POST /decode', { headers: { cookie: cookieIn(headers) }, body: BODY });
    expect(readAnswer(text)).toEqual([{ fullName: 'Aspirante Año' }]);
  });

  it('ends when the token is revoked', async () => {
    const server = await run();
    const cookie = cookieIn((await signIn(server, server.operator)).headers);
    writeTokens(server.tokensFile, newToken('another', 'masked').entry);
    expect(await server.ask('POST /decode', { headers: { cookie }, body: BODY })).toMatchObject({ status: 401 });
  });

  it('ends when the user signs out', async () => {
    const server = await run();
    const { status, headers } = await server.ask('POST /sign-out', { headers: { origin: server.url }, body: '{}' });
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toMatch(/^codec-server=; .*Expires=Thu, 01 Jan 1970/);
  });

  it.each([
    ['wrong', 401, 'unauthenticated'],
    ['', 400, 'malformed'],
    [1, 400, 'malformed'],
    [undefined, 400, 'malformed'],
    ['white space', 400, 'malformed'],
    ['x'.repeat(5_000), 400, 'malformed'],
  ])('fails with %.20j', async (token, status, error) => {
    const server = await run();
    const answer = await signIn(server, token);
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([status, error]);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(server.log()).toMatchObject([{ operation: 'sign-in', refusal: error }]);
  });

  it('fails for a token without a role', async () => {
    const server = await run();
    const answer = await signIn(server, await server.issuer.sign({}));
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
  });

  it('sets a cookie for TLS only if the server is reachable from other machines', async () => {
    const server = await run({ address: '0.0.0.0:0' });
    const url = server.url.replace('0.0.0.0', '127.0.0.1');
    const response = await fetch(`${url}/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: server.operator }),
    });
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-codec-server=.*; Secure/);
    const cookie = cookieIn(response.headers);
    const decoded = await fetch(`${url}/decode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: '{}',
    });
    expect(decoded.status).toBe(200);
  });

  it('has a page that loads nothing and cannot be framed', async () => {
    const server = await run();
    const { status, headers, text } = await server.ask('GET /sign-in');
    expect(status).toBe(200);
    const policy = headers.get('content-security-policy');
    for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(part);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text).toContain('type="password"');
    expect(text).not.toMatch(/(src|href)=/);
  });
});
