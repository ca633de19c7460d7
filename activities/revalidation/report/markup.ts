import { escapeUTF8 } from 'entities/escape';

/** HTML that is safe: it was made by `markup`, or by hand. */
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

/** Makes HTML or SVG of a template: values are escaped, unless they are markup themselves. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  new Markup(parts.map((part, index) => part + textOf(values[index] ?? '')).join(''));

export const NOTHING = new Markup('');
