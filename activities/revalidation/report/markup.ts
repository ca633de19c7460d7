import { escapeUTF8 } from 'entities/escape';

/** HTML that needs no escaping. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[];

const textOf = (value: Value): string => {
  if (value instanceof Markup) return value.text;
  return typeof value === 'string' || typeof value === 'number'
    ? escapeUTF8(String(value))
    : value.map(({ text }) => text).join('\n');
};

/** A template tag for HTML and SVG. It escapes values that are not markup. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  new Markup(parts.map((part, index) => part + textOf(values[index] ?? '')).join(''));

export const NOTHING = new Markup('');
