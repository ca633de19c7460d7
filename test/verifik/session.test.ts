import * as E from 'fp-ts/lib/Either.js';
import { SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createVerifikClient } from '../../verifik/index.js';
import { json, type ReceivedRequest, startScriptedServer } from './scripted-server.js';

const ID = '65f0a1b2c3d4e5f601234567';
const DAY_S = 86_400;

const tokenFor = (expiresInS: number): Promise<string> =>
  new SignJWT({ n: Math.random() })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInS)
    .sign(new TextEncoder().encode('a-secret-of-the-test-a-secret-of-the-test'));

const isRenewal = ({ url }: ReceivedRequest): boolean => url.startsWith('/v2/auth/session');

/** A client of a server that issues the given renewed tokens and rejects the chosen ones. */
const open = async (source: string[], renewed: string[], shape: 'top' | 'data' = 'top') => {
  const server = await startScriptedServer();
  const refused = new Set<string>();
  const expired = new Set<string>();
  let reads = 0;
  server.answer((response, request) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (expired.has(token) || (refused.has(token) && !isRenewal(request)))
      return json({ message: 'Unauthorized' }, 401)(response);
    if (!isRenewal(request)) return json({ data: { _id: ID, status: 'STARTED' } })(response);
    const accessToken = renewed.shift();
    if (accessToken === undefined) return json({}, 503)(response);
    const session = { accessToken, tokenType: 'bearer' };
    return json(shape === 'top' ? session : { data: session })(response);
  });
  const client = createVerifikClient({
    baseUrl: server.url,
    tokenSource: {
      read: async () => {
        reads += 1;
        const token = source.length > 1 ? source.shift() : source[0];
        if (token === undefined) throw new Error('no such file');
        return token;
      },
    },
  });
  onTestFinished(async () => {
    client.close();
    await server.close();
  });
  return {
    refused,
    expired,
    call: () => client.getAppRegistration(ID)(),
    used: () =>
      server.received.filter((request) => !isRenewal(request)).map(({ headers }) => headers.authorization?.slice(7)),
    renewals: () => server.received.filter(isRenewal),
    reads: () => reads,
  };
};

describe("the client token's session", () => {
  it('concurrent calls read the token once and do not renew it while it is valid', async () => {
    const token = await tokenFor(20 * DAY_S);
    const session = await open([token], []);
    const answers = await Promise.all(Array.from({ length: 20 }, session.call));
    expect(answers.every(E.isRight)).toBe(true);
    expect([session.reads(), session.renewals().length]).toEqual([1, 0]);
  });

  it.each(['top', 'data'] as const)(
    'the token is renewed once for all callers before it expires (response: %s)',
    async (shape) => {
      const [old, fresh] = [await tokenFor(DAY_S / 2), await tokenFor(30 * DAY_S)];
      const session = await open([old], [fresh], shape);
      await session.call();
      const answers = await Promise.all(Array.from({ length: 20 }, session.call));
      expect(answers.every(E.isRight)).toBe(true);
      expect(session.renewals()).toHaveLength(1);
      expect(session.renewals()[0]?.url).toBe('/v2/auth/session?origin=refresh&expiresIn=1');
      await session.call();
      expect(session.used().at(-1)).toBe(fresh);
    },
  );

  it('all callers wait for the renewal when the token is about to expire', async () => {
    const [old, fresh] = [await tokenFor(60), await tokenFor(30 * DAY_S)];
    const session = await open([old], [fresh]);
    await session.call();
    await Promise.all(Array.from({ length: 20 }, session.call));
    expect(session.renewals()).toHaveLength(1);
    expect(new Set(session.used().slice(1))).toEqual(new Set([fresh]));
  });

  it('calls use the present token after a failed renewal', async () => {
    const session = await open([await tokenFor(DAY_S / 2)], []);
    await session.call();
    expect(E.isRight(await session.call())).toBe(true);
    expect(E.isRight(await session.call())).toBe(true);
    expect(session.renewals()).toHaveLength(1);
  });

  it('the token is renewed once when calls are rejected, and each call is repeated once', async () => {
    const [old, fresh] = [await tokenFor(20 * DAY_S), await tokenFor(30 * DAY_S)];
    const session = await open([old], [fresh]);
    session.refused.add(old);
    const answers = await Promise.all(Array.from({ length: 5 }, session.call));
    expect(answers.every(E.isRight)).toBe(true);
    expect(session.renewals()).toHaveLength(1);
    expect(session.used().filter((token) => token === fresh)).toHaveLength(5);
  });

  it('a token that cannot be renewed fails the call, and the next call tries again', async () => {
    const old = await tokenFor(20 * DAY_S);
    const session = await open([old], []);
    session.expired.add(old);
    expect(await session.call()).toMatchObject({ left: { type: 'Credentials', status: 401 } });
    session.expired.clear();
    expect(E.isRight(await session.call())).toBe(true);
  });

  it('the session uses a token that replaced the rejected one in the source', async () => {
    const [old, rotated] = [await tokenFor(20 * DAY_S), await tokenFor(25 * DAY_S)];
    const session = await open([old, rotated], []);
    session.refused.add(old);
    expect(E.isRight(await session.call())).toBe(true);
    expect(session.used()).toEqual([old, rotated]);
    expect(session.renewals()).toHaveLength(0);
  });

  it('the session uses an opaque token without renewal', async () => {
    const session = await open(['an-opaque-token'], []);
    await session.call();
    await session.call();
    expect(session.used()).toEqual(['an-opaque-token', 'an-opaque-token']);
    expect(session.renewals()).toHaveLength(0);
  });

  it('an unreadable token yields token_unreadable, without the cause', async () => {
    const session = await open([], []);
    expect(await session.call()).toMatchObject({ left: { type: 'Credentials', code: 'token_unreadable' } });
  });
});
