import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../codec-server/config.js';

const TOKENS = { CODEC_SERVER_TOKENS_FILE: '/run/tokens.json' };
const WEB = {
  CODEC_SERVER_JWKS_URL: 'https://issuer.example.com/jwks',
  CODEC_SERVER_JWT_ISSUER: 'https://issuer.example.com',
  CODEC_SERVER_JWT_AUDIENCE: 'codec-server',
};

const wrong = (env: Record<string, string>) => {
  const read = readConfig(env);
  return E.isLeft(read) ? read.left.map(({ field }) => field) : [];
};

describe("the codec server's configuration", () => {
  it('needs only a kind of credentials', () => {
    expect(readConfig(TOKENS)).toMatchObject({
      right: {
        address: { text: '127.0.0.1:8081' },
        origins: ['http://localhost:8233', 'http://127.0.0.1:8233'],
        namespaces: ['default'],
        bodyLimitBytes: 4_194_304,
        tokensFile: '/run/tokens.json',
      },
    });
    expect(readConfig(WEB)).toMatchObject({
      right: { jsonWebTokens: { audience: 'codec-server', roleClaim: 'onboarding_role' } },
    });
    expect(wrong({ ...TOKENS, ...WEB })).toEqual([]);
  });

  it('accepts comma-separated lists', () => {
    const env = {
      ...TOKENS,
      CODEC_SERVER_ORIGINS: 'https://a.example.com, https://b.example.com:8443',
      CODEC_SERVER_NAMESPACES: 'onboarding,default',
    };
    expect(readConfig(env)).toMatchObject({
      right: {
        origins: ['https://a.example.com', 'https://b.example.com:8443'],
        namespaces: ['onboarding', 'default'],
      },
    });
  });

  it.each([
    [{}, 'CODEC_SERVER_TOKENS_FILE or CODEC_SERVER_JWKS_URL'],
    [{ ...WEB, CODEC_SERVER_JWT_ISSUER: '' }, 'CODEC_SERVER_JWT_ISSUER'],
    [{ ...WEB, CODEC_SERVER_JWT_AUDIENCE: '' }, 'CODEC_SERVER_JWT_AUDIENCE'],
    [{ ...TOKENS, CODEC_SERVER_JWT_ISSUER: 'x' }, 'CODEC_SERVER_JWKS_URL'],
    [{ ...WEB, CODEC_SERVER_JWKS_URL: 'http://issuer.example.com/jwks' }, 'CODEC_SERVER_JWKS_URL'],
    [{ ...TOKENS, CODEC_SERVER_ORIGINS: '*' }, 'CODEC_SERVER_ORIGINS'],
    [{ ...TOKENS, CODEC_SERVER_ORIGINS: 'https://a.example.com/' }, 'CODEC_SERVER_ORIGINS'],
    [{ ...TOKENS, CODEC_SERVER_ORIGINS: 'https://a.example.com,' }, 'CODEC_SERVER_ORIGINS'],
    [{ ...TOKENS, CODEC_SERVER_ORIGINS: 'null' }, 'CODEC_SERVER_ORIGINS'],
    [{ ...TOKENS, CODEC_SERVER_NAMESPACES: 'a b' }, 'CODEC_SERVER_NAMESPACES'],
    [{ ...TOKENS, CODEC_SERVER_ADDRESS: 'here' }, 'CODEC_SERVER_ADDRESS'],
    [{ ...TOKENS, NODE_ENV: 'production' }, 'ONBOARDING_ENCRYPTION_KEYS or ONBOARDING_ENCRYPTION_KEYS_FILE'],
  ])('names the wrong setting in %j', (env, field) => {
    expect(wrong(env)).toEqual([field]);
  });
});
