import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNeedles } from '../../../tools/chaos/judging/needles.js';
import { searchAll } from '../../../tools/chaos/judging/searching.js';

const NEEDLES = [
  { what: 'an email', value: 'ana.lopez.1234@applicants.example.com' },
  { what: 'a phone', value: '3001234567' },
  { what: 'a code', value: '123456' },
] as const;

describe('the search for what may not be there', () => {
  it('finds a text anywhere between any bytes, and in base64 whatever stands before it', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), (before, after, encoded) => {
        const text = Buffer.concat([Buffer.from(before), Buffer.from(NEEDLES[0].value), Buffer.from(after)]);
        const haystack = encoded ? Buffer.from(text.toString('base64')) : text;
        expect(findNeedles(haystack, NEEDLES)).toContain(encoded ? 'an email (base64)' : 'an email');
      }),
    );
  });

  it('finds a text in hexadecimal and in a URL, and digits in base64', () => {
    const [{ value: email }, { value: phone }] = NEEDLES;
    const hexadecimal = `parameters: $1 = '\\x${Buffer.from(`{"email":"${email}"}`).toString('hex')}'`;
    expect(findNeedles(Buffer.from(hexadecimal), NEEDLES)).toEqual(['an email (hexadecimal)']);
    const url = `/people?email=${encodeURIComponent(email)}`;
    expect(findNeedles(Buffer.from(url), NEEDLES)).toEqual(['an email (percent-encoded)']);
    const payload = Buffer.from(`{"phone":"${phone}","more":1}`).toString('base64');
    expect(findNeedles(Buffer.from(payload), NEEDLES)).toEqual(['a phone (base64)']);
  });

  it('finds digits only where they stand alone', () => {
    expect(findNeedles(Buffer.from('{"phone":"3001234567","at":12}'), NEEDLES)).toEqual(['a phone']);
    expect(findNeedles(Buffer.from('id 93001234567, 30012345670, a123456, 123456b'), NEEDLES)).toEqual([]);
    expect(findNeedles(Buffer.from('123456'), NEEDLES)).toEqual(['a code']);
  });

  it('finds what stands at either end, and what begins alike', () => {
    const alike = [
      { what: 'one', value: 'token-1' },
      { what: 'other', value: 'token-12' },
    ];
    expect(findNeedles(Buffer.from('token-12'), alike)).toEqual(['one', 'other']);
    expect(findNeedles(Buffer.from('token-1 token-2'), alike)).toEqual(['one']);
    expect(findNeedles(Buffer.from('to'), alike)).toEqual([]);
  });

  it('tells of each place what was found there, and whether it could see at all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboarding-searching-'));
    const write = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return { where: name, file: join(folder, name), marker: 'started' };
    };
    const places = [write('leaking', 'started for 3001234567'), write('clean', 'started'), write('empty', '')];
    expect(await searchAll(places, NEEDLES)).toEqual([
      { where: 'leaking', file: join(folder, 'leaking'), bytes: 22, seesMarker: true, found: ['a phone'] },
      { where: 'clean', file: join(folder, 'clean'), bytes: 7, seesMarker: true, found: [] },
      { where: 'empty', file: join(folder, 'empty'), bytes: 0, seesMarker: false, found: [] },
    ]);
  });
});
