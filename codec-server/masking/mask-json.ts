import { HIDDEN, MASKS, maskText, sensitivityOf, withoutTokens } from '../../shared/masking.js';
import { plainField } from './plain-fields.js';

/**
 * Roles of callers. `personal-data` sees everything except secrets, `masked` sees neither secrets nor personal data.
 */
export const ROLES = ['personal-data', 'masked'] as const;

export type Role = (typeof ROLES)[number];

/** The position of a value in a JSON document. Elements of an array have the position of the array. */
interface Position {
  readonly name?: string | undefined;
  readonly parent?: string | undefined;
  readonly depth: number;
  /** True inside a secret. */
  readonly secret: boolean;
}

/** The masking of strings and numbers outside of secrets by their position. */
interface View {
  readonly text: (text: string, position: Position) => string;
  readonly number: (number: number, position: Position) => number | string;
}

/** Deeper values are hidden. No payload of onboardings comes close. */
const MAX_DEPTH = 64;

/** Counts are below it. Phone and document numbers are above it, as are times and durations, which are plain fields. */
const MIN_HIDDEN_NUMBER = 1_000_000;

/** Attempt limits and counts, whose fields have the names of sensitive ones, are below it. */
const MIN_HIDDEN_PERSONAL_NUMBER = 1_000;

const ROOT: Position = { depth: 0, secret: false };

const within = (position: Position, name: string): Position => ({
  name,
  parent: position.name,
  depth: position.depth + 1,
  secret: position.secret || sensitivityOf(name) === 'secret',
});

const formatOf = ({ parent, name }: Position) => (name === undefined ? undefined : plainField(parent ?? '', name));

const isPlain = (position: Position): boolean => formatOf(position) !== undefined;

const isSensitive = ({ name }: Position): boolean => name !== undefined && sensitivityOf(name) !== undefined;

const secretNumber = (number: number, position: Position): number | string =>
  isPlain(position) ? number : MASKS.secret('');

const walk = (view: View, value: unknown, position: Position): unknown => {
  if (typeof value === 'string') return position.secret ? MASKS.secret(value) : view.text(value, position);
  if (typeof value === 'number') return position.secret ? secretNumber(value, position) : view.number(value, position);
  if (typeof value !== 'object' || value === null) return value;
  if (position.depth >= MAX_DEPTH) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => walk(view, item, { ...position, depth: position.depth + 1 }));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      view.text(name, { ...ROOT, depth: position.depth }),
      walk(view, item, within(position, name)),
    ]),
  );
};

/** Hides secrets only. */
const PERSONAL_DATA_VIEW: View = {
  text: withoutTokens,
  number: (number) => number,
};

/** Hides everything that is not known to be harmless. */
const MASKED_VIEW: View = {
  text: (text, position) => {
    if (position.name === undefined) return maskText(text);
    const sensitivity = sensitivityOf(position.name);
    if (sensitivity !== undefined) return MASKS[sensitivity](text);
    return formatOf(position)?.(text) ?? HIDDEN;
  },
  number: (number, position) => {
    if (isPlain(position)) return number;
    const least = isSensitive(position) ? MIN_HIDDEN_PERSONAL_NUMBER : MIN_HIDDEN_NUMBER;
    return Math.abs(number) < least ? number : HIDDEN;
  },
};

export const maskJson = (role: Role, value: unknown): unknown =>
  walk(role === 'masked' ? MASKED_VIEW : PERSONAL_DATA_VIEW, value, ROOT);
