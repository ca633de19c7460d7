import { rmSync, writeFileSync } from 'node:fs';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { plain, readAnswer } from './payloads.js';
import { AUDIENCE, bearer, ISSUER, inFuture, newToken, type Running, run, writeTokens } from './running.js';

const PAYLOADS = [plain({ fullName: 'Aspirante Año' })];

const statusFor = async (server: Running, token: string) => (await server.decode(token, PAYLOADS)).status;

describe('the codec server', () => {
  it('rejects requests without a valid credential, and does not say what is wrong with it', async () => {
    const server = await run();
    const { privateKey } = await generateKeyPair('ES256');
    const claims = { onboarding_role: 'personal-data' };
    const tokens = [
      'wrong',
      `${server.operator}x`,
      server.operator.slice(1),
      'not.a.token',
      await server.issuer.sign({ ...claims, exp: inFuture(-60) }),
      await server.issuer.sign({ ...claims, exp: undefined }),
      await server.issuer.sign({ ...claims, sub: undefined }),
      await server.issuer.sign({ ...claims, sub: '' }),
      await server.issuer.sign({ ...claims, sub: { name: 'a-subject' } }),
      await server.issuer.sign({ ...claims, iss: 'https://another.example.com' }),
      await server.issuer.sign({ ...claims, aud: 'another' }),
      await server.issuer.sign(claims, privateKey),
      new UnsecuredJWT({ ...claims, iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: inFuture() }).encode(),
      await new SignJWT({ ...claims, iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: inFuture() })
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(new TextEncoder().encode('the public key, as a secret of many bytes')),
    ];
    const headers = [{}, { authorization: server.operator }, { authorization: `Basic ${server.operator}` }];
    const answers = [
      ...(await Promise.all(tokens.map((token) => server.decode(token, PAYLOADS)))),
      ...(await Promise.all(headers.map((with_) => server.ask('POST /decode', { headers: with_, body: '{}' })))),
      await server.ask('POST /encode', { body: '{}' }),
      await server.ask('GET /nothing'),
      await server.ask('GET /metrics'),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    for (const { status, headers: given } of answers) {
      expect(status).toBe(401);
      expect(given.get('www-authenticate')).toBe('Bearer realm="codec server"');
    }
    expect(server.log()).toHaveLength(answers.length);
    for (const entry of server.log()) expect(entry).toMatchObject({ level: 'warn', refusal: 'unauthenticated' });
  });

  it('authenticates a request before it reads the body', async () => {
    const server = await run();
    for (const call of ['POST /decode', 'POST /encode'])
      expect(await server.ask(call, { body: 'x'.repeat(5 * 1024 * 1024) })).toMatchObject({ status: 401 });
  });

  it('accepts a JSON web token of the issuer with the role of its claim', async () => {
    const server = await run();
    const shown = async (claim: unknown) => {
      const token = await server.issuer.sign({ onboarding_role: claim });
      return readAnswer((await server.decode(token, PAYLOADS)).text);
    };
    expect(await shown('personal-data')).toEqual([{ fullName: 'Aspirante Año' }]);
    expect(await shown('masked')).toEqual([{ fullName: 'A*** A***' }]);
    expect(await shown(['everyone', 'masked'])).toEqual([{ fullName: 'A*** A***' }]);
    expect(await shown(['masked', 'personal-data'])).toEqual([{ fullName: 'Aspirante Año' }]);
    expect(server.log()).toMatchObject(Array(4).fill({ caller: 'a-subject', level: 'info' }));
  });

  it('rejects an authenticated caller without a role', async () => {
    const server = await run();
    for (const claim of [undefined, 'administrator', 1, {}, []]) {
      const { status, text } = await server.decode(await server.issuer.sign({ onboarding_role: claim }), PAYLOADS);
      expect([status, JSON.parse(text).error]).toEqual([403, 'noRole']);
    }
    expect(server.log()[0]).toMatchObject({ caller: 'a-subject', refusal: 'noRole' });
  });

  it("answers 503 while the issuer's keys cannot be fetched, and still accepts the tokens of the file", async () => {
    const server = await run();
    const token = await server.issuer.sign({ onboarding_role: 'masked' });
    await server.issuer.stop();
    expect(await statusFor(server, token)).toBe(503);
    expect(await statusFor(server, server.operator)).toBe(200);
  });

  it('follows changes of the tokens file without a restart', async () => {
    const server = await run();
    const [next, narrowed] = [newToken('next', 'masked'), newToken('next', 'personal-data')];
    expect([await statusFor(server, server.operator), await statusFor(server, next.token)]).toEqual([200, 401]);
    writeTokens(server.tokensFile, next.entry, narrowed.entry);
    expect([await statusFor(server, server.operator), await statusFor(server, next.token)]).toEqual([401, 200]);
  });

  it.each([
    ['not JSON', (path: string) => writeFileSync(path, '[')],
    ['not a list', (path: string) => writeFileSync(path, '{}')],
    ['wrong in one entry', (path: string) => writeTokens(path, newToken('a', 'masked').entry, { name: 'b' })],
    ['missing', (path: string) => rmSync(path)],
  ])(
    'rejects all tokens of a file that is %s, logs the reason, and reads the file again once it is fixed',
    async (_how, spoil) => {
      const server = await run();
      expect(await statusFor(server, server.operator)).toBe(200);
      spoil(server.tokensFile);
      expect(await statusFor(server, server.operator)).toBe(401);
      expect(server.log()).toContainEqual(
        expect.objectContaining({ level: 'error', problem: expect.stringContaining('The file of tokens') }),
      );
      const { token, entry } = newToken('c', 'masked');
      writeTokens(server.tokensFile, entry);
      expect(await statusFor(server, token)).toBe(200);
    },
  );

  it('accepts the cookie if the bearer token is invalid, as the Temporal UI sends it without a signed-in user', async () => {
    const server = await run();
    const headers = { ...bearer('undefined'), cookie: `codec-server=${server.masked}` };
    expect(await server.ask('POST /decode', { headers, body: '{}' })).toMatchObject({ status: 200 });
  });
});
