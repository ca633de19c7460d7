import { createRandom } from './random.js';

/** An applicant that the sandbox made up. */
export interface Person {
  readonly fullName: string;
  readonly email: string;
  readonly phone: string;
  readonly countryCode: string;
}

const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'la', 'me', 'ni', 'ro', 'su', 'ta', 've'];

const COUNTRY_CODES = ['+57', '+52', '+1', '+34', '+55'];

/** Makes up applicants: the same ones for the same seed. Their addresses are under a domain that is reserved for examples. */
export const inventPeople = (seed: number, count: number): readonly Person[] => {
  const random = createRandom(seed);
  const word = (syllables: number): string => {
    const letters = Array.from({ length: syllables }, () => SYLLABLES[random.below(SYLLABLES.length)] ?? 'na').join('');
    return letters.charAt(0).toUpperCase() + letters.slice(1);
  };
  return Array.from({ length: count }, () => {
    const first = word(2);
    const last = word(3);
    return {
      fullName: `${first} ${last}`,
      email: `${first}.${last}.${random.digits(4)}@applicants.example.com`.toLowerCase(),
      phone: `3${random.digits(9)}`,
      countryCode: COUNTRY_CODES[random.below(COUNTRY_CODES.length)] ?? '+57',
    };
  });
};
