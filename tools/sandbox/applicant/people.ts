import { createRandom, type Random } from '../random.js';

export interface Person {
  readonly fullName: string;
  readonly email: string;
  readonly phone: string;
  readonly countryCode: string;
}

const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'la', 'me', 'ni', 'ro', 'su', 'ta', 've'];

const COUNTRY_CODES = ['+57', '+52', '+1', '+34', '+55'];

const word = (random: Random, syllables: number): string => {
  const letters = Array.from({ length: syllables }, () => SYLLABLES[random.below(SYLLABLES.length)] ?? 'na').join('');
  return letters.charAt(0).toUpperCase() + letters.slice(1);
};

export const EMAIL_DOMAIN = 'applicants.example.com';

export const inventName = (random: Random): { readonly first: string; readonly last: string } => {
  const first = word(random, 2);
  return { first, last: word(random, 3) };
};

export const inventCountryCode = (random: Random): string => COUNTRY_CODES[random.below(COUNTRY_CODES.length)] ?? '+57';

/** Invents applicants. The same seed gives the same people. Their emails use a domain reserved for examples. */
export const inventPeople = (seed: number, count: number): readonly Person[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const { first, last } = inventName(random);
    return {
      fullName: `${first} ${last}`,
      email: `${first}.${last}.${random.digits(4)}@${EMAIL_DOMAIN}`.toLowerCase(),
      phone: `3${random.digits(9)}`,
      countryCode: inventCountryCode(random),
    };
  });
};
