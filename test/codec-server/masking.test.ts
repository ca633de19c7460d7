import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskJson } from '../../codec-server/masking/mask-json.js';
import { maskPayload } from '../../codec-server/masking/mask-payload.js';
import { writePayloads } from '../../codec-server/wire.js';
import { plain, readAnswer } from './payloads.js';

const masked = (value: unknown) => maskJson('masked', value);

const payloadOf = (encoding: string, data: string | Uint8Array) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});

const seen = (role: 'personal-data' | 'masked', encoding: string, data: string | Uint8Array) =>
  readAnswer(JSON.stringify(writePayloads([maskPayload(role, payloadOf(encoding, data))])))[0];

describe('masking', () => {
  it('hides unknown texts, and numbers that could be personal', () => {
    expect(masked({ nickname: 'Lola', passport: 1_020_304_050, attempts: 3, adult: true, nothing: null })).toEqual({
      nickname: '[hidden]',
      passport: '[hidden]',
      attempts: 3,
      adult: true,
      nothing: null,
    });
  });

  it('masks the values inside an object that has the name of a personal field', () => {
    expect(masked({ checks: { email: { status: 'passed' } }, attemptLimits: { email: 3, phone: 2 } })).toEqual({
      checks: { email: { status: 'passed' } },
      attemptLimits: { email: 3, phone: 2 },
    });
  });

  it('masks the items of a list like its field', () => {
    expect(masked({ email: ['somebody@example.com'], required: ['email', 'Some Applicant'] })).toEqual({
      email: ['s***@e***.com'],
      required: ['email', '[hidden]'],
    });
  });

  it.each([
    [{ status: 'Some Applicant' }, { status: '[hidden]' }],
    [{ status: 'somebody@example.com' }, { status: '[hidden]' }],
    [{ reference: '3001234567' }, { reference: '***67' }],
    [{ reviewer: 'Some Applicant' }, { reviewer: '[hidden]' }],
    [
      { placedBy: 'counsel-2', liftedAt: 1_795_000_000_000 },
      { placedBy: 'counsel-2', liftedAt: 1_795_000_000_000 },
    ],
    [{ reason: 'withdrawn' }, { reason: 'withdrawn' }],
    [{ reason: 'toString' }, { reason: '[hidden]' }],
    [{ name: 'Somebody' }, { name: '[hidden]' }],
    [{ '': 'Some Applicant' }, { '': '[hidden]' }],
    [
      { documentNumber: 654_321, phone: 5_551_234 },
      { documentNumber: '[hidden]', phone: '[hidden]' },
    ],
    [
      { reference: '+57.300-123-4567', reviewer: '2026-11-25' },
      { reference: '***67', reviewer: '2026-11-25' },
    ],
    [{ countryCode: '3001234567' }, { countryCode: '[hidden]' }],
    [{ contact: 'Somebody' }, { contact: '[hidden]' }],
    [{ 'somebody@example.com': 1 }, { 's***@e***.com': 1 }],
    [{ currentDetails: 'for somebody@example.com' }, { currentDetails: 'for s***@e***.com' }],
    [{ selfie: 'iVBORw0KGgo=' }, { selfie: '[image]' }],
    [{ link: 'https://access.example/sign-up/p?token=opaque' }, { link: '[secret]' }],
    ['call 300 123 4567', 'call ***67'],
  ])('shows %j as %j', (value, shown) => {
    expect(masked(value)).toEqual(shown);
  });

  it('never shows a text of a personal field, in any object', () => {
    const needle = 'Needle-Needle';
    const field = fc.constantFrom('email', 'phone', 'fullName', 'token', 'note', 'whatever', 'reason', 'contact');
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constant(`${needle} ${needle}`),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(field, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(field, tree, (name, value) => {
        expect(JSON.stringify(masked({ [name]: value }))).not.toContain(needle);
      }),
    );
  });

  it('hides everything below the maximum depth', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}"Somebody"${']'.repeat(100_000)}`);
    for (const role of ['masked', 'personal-data'] as const)
      expect(JSON.stringify(maskJson(role, deep))).toContain('[hidden]');
  });

  it('replaces a payload that is not JSON by a note with its encoding', () => {
    const note = { withheld: { encoding: 'binary/plain', bytes: 8 } };
    expect(seen('masked', 'binary/plain', 'Somebody')).toEqual(note);
    expect(seen('personal-data', 'binary/plain', 'Somebody')).toBe('binary/plain');
    expect(seen('personal-data', 'binary/plain', 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln')).toHaveProperty(
      'withheld',
    );
    expect(seen('masked', 'json/plain', 'Somebody')).toEqual({ withheld: { encoding: 'json/plain', bytes: 8 } });
    expect(seen('masked', 'Some Applicant', 'x')).toEqual({ withheld: { encoding: 'unknown', bytes: 1 } });
    expect(seen('masked', 'binary/null', 'Somebody')).toBe('binary/null');
  });

  it('hides the link of the hosted page like the token in it, from every role', () => {
    const token = { token: 'opaque', link: 'https://access.example/sign-up/p?token=opaque', expiresAt: 7 };
    for (const role of ['masked', 'personal-data'] as const)
      expect(maskJson(role, { registration: { token }, ...token })).toEqual({
        registration: { token: { token: '[secret]', link: '[secret]', expiresAt: 7 } },
        token: '[secret]',
        link: '[secret]',
        expiresAt: 7,
      });
  });

  it('keeps the metadata that the UI renders a payload by', () => {
    const payload = {
      ...plain('somebody@example.com'),
      metadata: { ...plain('').metadata, type: Buffer.from('Keyword') },
    };
    expect(maskPayload('masked', payload).metadata).toEqual(payload.metadata);
  });
});
