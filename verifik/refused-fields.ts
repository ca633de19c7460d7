import type { FieldError } from '../shared/decoding.js';
import type { Endpoint } from './errors.js';

const PROJECT_FLOW: FieldError = { field: 'projectFlow', expected: 'the id of a project flow at Verifik' };

/** The parameters of a new registration as Verifik's messages name them, and the fields of the request with them. */
const PARAMETERS: readonly (readonly [RegExp, FieldError])[] = [
  [/\bproject[\s_]?flow/i, PROJECT_FLOW],
  [/\bproject\b(?!\s?flow)/i, { field: 'project', expected: 'the id of a project at Verifik' }],
  [/\bemail\b/i, { field: 'contact.email', expected: 'an email address that Verifik accepts' }],
  [/\bphone\b/i, { field: 'contact.phone', expected: 'a phone number that Verifik accepts' }],
  [/\bcountry[\s_]?code\b/i, { field: 'contact.countryCode', expected: 'a country code that Verifik accepts' }],
  [/\bfull[\s_]?name\b/i, { field: 'fullName', expected: 'a name that Verifik accepts' }],
  [/\blanguage\b/i, { field: 'language', expected: 'a language that Verifik accepts' }],
];

/** Only the beginning of a message is examined. */
const MAX_LENGTH = 500;

/**
 * Returns the fields of an onboarding's request that Verifik refuses, judging by the call and by the parameters that
 * its texts name. Repeats none of the texts, which can hold personal data.
 */
export const refusedFields = (endpoint: Endpoint, texts: readonly string[]): readonly FieldError[] => {
  // The flow's id is all that this call contains: Verifik calls it a project id.
  if (endpoint === 'getProjectFlow') return [PROJECT_FLOW];
  if (endpoint !== 'createAppRegistration') return [];
  const examined = texts.map((text) => text.slice(0, MAX_LENGTH));
  return PARAMETERS.flatMap(([named, error]) => (examined.some((text) => named.test(text)) ? [error] : []));
};
