import { HIDDEN, MASKS, maskText, type Sensitivity, sensitivityOf, withoutTokens } from '../../shared/masking.js';
import { plainField } from './plain-fields.js';

/** What callers may see: `personal-data` everything but secrets, `masked` neither secrets nor personal data. */
export const ROLES = ['personal-data', 'masked'] as const;

export type Role = (typeof ROLES)[number];

/** Where in a JSON value the walk is. An array's elements are where the array is. */
interface Place {
  /** The field's name; none at the top. */
  readonly name?: string | undefined;
  /** The name of the field that it is part of. */
  readonly parent?: string | undefined;
  readonly depth: number;
  /** Part of a secret. */
  readonly secret: boolean;
}

/** How texts and numbers are shown where they stand. Everything else that JSON has says nothing. */
interface View {
  readonly text: (text: string, place: Place) => string;
  readonly number: (number: number, place: Place) => number | string;
}

/** Deeper than anything of ours, and shallow enough to walk. */
const DEEPEST = 64;

/** Counts stay below it; moments and durations are among the plain fields; phone and document numbers are above. */
const LEAST_TELLING_NUMBER = 1_000_000;

/** Limits and counts of attempts, which stand under the name of what is checked, stay below it. */
const LEAST_TELLING_PERSONAL_NUMBER = 1_000;

const TOP: Place = { depth: 0, secret: false };

const within = (place: Place, name: string): Place => ({
  name,
  parent: place.name,
  depth: place.depth + 1,
  secret: place.secret || sensitivityOf(name) === 'secret',
});

const walk = (view: View, value: unknown, place: Place): unknown => {
  if (typeof value === 'string') return view.text(value, place);
  if (typeof value === 'number') return view.number(value, place);
  if (typeof value !== 'object' || value === null) return value;
  if (place.depth >= DEEPEST) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => walk(view, item, { ...place, depth: place.depth + 1 }));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      view.text(name, { ...TOP, depth: place.depth }),
      walk(view, item, within(place, name)),
    ]),
  );
};

const showOf = ({ parent, name }: Place) => (name === undefined ? undefined : plainField(parent ?? '', name));

const isPlain = (place: Place): boolean => showOf(place) !== undefined;

const isPersonal = ({ name }: Place): boolean => name !== undefined && sensitivityOf(name) !== undefined;

const secretNumber = (number: number, place: Place): number | string => (isPlain(place) ? number : MASKS.secret(''));

/** For those who may see personal data. */
const CLEAR: View = {
  text: (text, { secret }) => (secret ? MASKS.secret(text) : withoutTokens(text)),
  number: (number, place) => (place.secret ? secretNumber(number, place) : number),
};

const masked = (sensitivity: Sensitivity, text: string): string => MASKS[sensitivity](text);

/** For those who may not: what is not known to be harmless is hidden. */
const MASKED: View = {
  text: (text, place) => {
    if (place.secret) return MASKS.secret(text);
    if (place.name === undefined) return maskText(text);
    const sensitivity = sensitivityOf(place.name);
    if (sensitivity !== undefined) return masked(sensitivity, text);
    return showOf(place)?.(text) ?? HIDDEN;
  },
  number: (number, place) => {
    if (place.secret) return secretNumber(number, place);
    if (isPlain(place)) return number;
    const least = isPersonal(place) ? LEAST_TELLING_PERSONAL_NUMBER : LEAST_TELLING_NUMBER;
    return Math.abs(number) < least ? number : HIDDEN;
  },
};

const VIEWS: Readonly<Record<Role, View>> = { 'personal-data': CLEAR, masked: MASKED };

/** The JSON value as the role may see it. */
export const maskJson = (role: Role, value: unknown): unknown => walk(VIEWS[role], value, TOP);
