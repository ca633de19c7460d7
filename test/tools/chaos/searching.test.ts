import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findForbiddenValues } from '../../../tools/chaos/judging/forbidden-values.js';
import { searchAll } from '../../../tools/chaos/judging/searching.js';

const FORBIDDEN = [
  { what: 'an email', value: 'ana.lopez.1234@applicants.example.com' },
  { what: 'a phone', value: '3001234567' },
  { what: 'a code', value: '123456' },
] as const;

describe('the search for forbidden values', () => {
  it('finds a text between any bytes, in plain text and in base64', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), (before, after, encoded) => {
        const text = Buffer.concat([Buffer.from(before), Buffer.from(FORBIDDEN[0].value), Buffer.from(after)]);
        const haystack = encoded ? Buffer.from(text.toString('base64')) : text;
        expect(findForbiddenValues(haystack, FORBIDDEN)).toContain(encoded ? 'an email (base64)' : 'an email');
      }),
    );
  });

  it('finds a text in hexadecimal and in a URL, and digits in base64', () => {
    const [{ value: email }, { value: phone }] = FORBIDDEN;
    const hexadecimal = `parameters: $1 = '\\x${Buffer.from(`{"email":"${email}"}`).toString('hex')}'`;
    expect(findForbiddenValues(Buffer.from(hexadecimal), FORBIDDEN)).toEqual(['an email (hexadecimal)']);
    const url = `/people?email=${encodeURIComponent(email)}`;
    expect(findForbiddenValues(Buffer.from(url), FORBIDDEN)).toEqual(['an email (percent-encoded)']);
    const payload = Buffer.from(`{"phone":"${phone}","more":1}`).toString('base64');
    expect(findForbiddenValues(Buffer.from(payload), FORBIDDEN)).toEqual(['a phone (base64)']);
  });

  it('finds digits only if no letter or digit adjoins them', () => {
    expect(findForbiddenValues(Buffer.from('{"phone":"3001234567","at":12}'), FORBIDDEN)).toEqual(['a phone']);
    expect(findForbiddenValues(Buffer.from('id 93001234567, 30012345670, a123456, 123456b'), FORBIDDEN)).toEqual([]);
    expect(findForbiddenValues(Buffer.from('123456'), FORBIDDEN)).toEqual(['a code']);
  });

  it('finds values at either end of the content, and values with a common prefix', () => {
    const alike = [
      { what: 'one', value: 'token-1' },
      { what: 'other', value: 'token-12' },
    ];
    expect(findForbiddenValues(Buffer.from('token-12'), alike)).toEqual(['one', 'other']);
    expect(findForbiddenValues(Buffer.from('token-1 token-2'), alike)).toEqual(['one']);
    expect(findForbiddenValues(Buffer.from('to'), alike)).toEqual([]);
  });

  it('returns the forbidden values of each file, and whether its marker was found', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onboarding-searching-'));
    const write = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return { where: name, file: join(folder, name), marker: 'started' };
    };
    const places = [write('leaking', 'started for 3001234567'), write('clean', 'started'), write('empty', '')];
    expect(await searchAll(places, FORBIDDEN)).toEqual([
      { where: 'leaking', file: join(folder, 'leaking'), bytes: 22, seesMarker: true, found: ['a phone'] },
      { where: 'clean', file: join(folder, 'clean'), bytes: 7, seesMarker: true, found: [] },
      { where: 'empty', file: join(folder, 'empty'), bytes: 0, seesMarker: false, found: [] },
    ]);
  });
});
