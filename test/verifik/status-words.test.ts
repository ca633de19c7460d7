import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CHECK_WORDS, REGISTRATION_WORDS, readCheckWord, readRegistrationWord } from '../../verifik/status-words.js';

describe('a status word', () => {
  it('a status word is decoded in upper and lower case', () => {
    for (const check of CHECK_NAMES)
      for (const [word, result] of Object.entries(CHECK_WORDS[check])) {
        expect(readCheckWord(check, word)).toEqual({ result });
        expect(readCheckWord(check, word.toUpperCase())).toEqual({ result });
      }
    for (const [word, status] of Object.entries(REGISTRATION_WORDS))
      expect(readRegistrationWord(word.toUpperCase())).toEqual({ status });
  });

  it('an unknown status word never passes a check and never ends a registration', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHECK_NAMES),
        fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString')),
        (check, word) => {
          fc.pre(
            !Object.hasOwn(CHECK_WORDS[check], word.toLowerCase()) &&
              !Object.hasOwn(REGISTRATION_WORDS, word.toLowerCase()),
          );
          expect(readCheckWord(check, word)).toMatchObject({ result: 'pending', unknownWord: expect.any(String) });
          expect(readRegistrationWord(word)).toMatchObject({ status: 'unknown', unknownWord: expect.any(String) });
        },
      ),
    );
  });

  it('text that does not look like a word is not shown', () => {
    expect(readCheckWord('email', 'someone@example.com')).toEqual({ result: 'pending', unknownWord: '(not a word)' });
  });
});
