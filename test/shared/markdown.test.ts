import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code } from '../../shared/markdown.js';

const outside = fc.string({
  unit: fc.constantFrom('`', '``', '*', '<b>', '[a](b)', '\n', '\r', '\u2028', ' ', 'x'),
  minLength: 1,
});

describe('a text from outside', () => {
  it.each([
    ['reviewer-7', '`reviewer-7`'],
    ['**no**\n\n# no <img src=x> www.example.com', '`**no** # no <img src=x> www.example.com`'],
    ['a`b``c', '``` a`b``c ```'],
  ])('%j is shown as %s', (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it('is one code span on one line, whatever it contains', () => {
    fc.assert(
      fc.property(outside, (text) => {
        const shown = code(text);
        const [fence = ''] = shown.match(/^`+/) ?? [];
        const inside = shown.slice(fence.length, -fence.length);
        expect(shown).toBe(`${fence}${inside}${fence}`);
        expect(inside.match(/`+/g) ?? []).not.toContain(fence);
        expect(inside).not.toMatch(/^`|`$|[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
