import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../gateway/config.js';

const file = (content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'file');
  writeFileSync(path, content);
  return path;
};

const KEY = 'a-contact-key-of-tests';
const NEEDED = { GATEWAY_KEYS_FILE: '/run/api-keys.json', ONBOARDING_CONTACT_KEY: KEY };

const wrong = (env: Record<string, string>) => {
  const read = readConfig(env);
  return E.isLeft(read) ? read.left.map(({ field }) => field) : [];
};

describe("the gateway's configuration", () => {
  it('needs an API keys file and the contact key', () => {
    expect(wrong({})).toEqual(['GATEWAY_KEYS_FILE', 'ONBOARDING_CONTACT_KEY or ONBOARDING_CONTACT_KEY_FILE']);
    expect(readConfig(NEEDED)).toMatchObject({
      right: {
        address: { text: '127.0.0.1:8082' },
        keysFile: '/run/api-keys.json',
        contactKey: KEY,
        requestsPerMinute: 600,
      },
    });
  });

  it('reads the contact key from a file with a trailing line break', () => {
    const { ONBOARDING_CONTACT_KEY: _, ...rest } = NEEDED;
    expect(readConfig({ ...rest, ONBOARDING_CONTACT_KEY_FILE: file(`${KEY}\n`) })).toMatchObject({
      right: { contactKey: KEY },
    });
    for (const path of ['/nowhere', file('too short'), file('')])
      expect(wrong({ ...rest, ONBOARDING_CONTACT_KEY_FILE: path })).toEqual([`ONBOARDING_CONTACT_KEY_FILE (${path})`]);
  });

  it.each([
    [{ ONBOARDING_CONTACT_KEY: 'short' }, 'ONBOARDING_CONTACT_KEY'],
    [{ ONBOARDING_CONTACT_KEY_FILE: '/run/contact-key' }, 'ONBOARDING_CONTACT_KEY or ONBOARDING_CONTACT_KEY_FILE'],
    [{ GATEWAY_ADDRESS: 'nowhere' }, 'GATEWAY_ADDRESS'],
    [{ GATEWAY_BODY_LIMIT_BYTES: '0' }, 'GATEWAY_BODY_LIMIT_BYTES'],
    [{ GATEWAY_REQUESTS_PER_MINUTE: 'many' }, 'GATEWAY_REQUESTS_PER_MINUTE'],
    [{ OTEL_SDK_DISABLED: 'perhaps' }, 'OTEL_SDK_DISABLED'],
    [{ NODE_ENV: 'production' }, 'ONBOARDING_ENCRYPTION_KEYS or ONBOARDING_ENCRYPTION_KEYS_FILE'],
  ])('is rejected with %j, and the error repeats no secret', (change, field) => {
    const env = { ...NEEDED, ...change };
    expect(wrong(env)).toEqual([field]);
    expect(JSON.stringify(readConfig(env))).not.toContain(env.ONBOARDING_CONTACT_KEY);
  });
});
