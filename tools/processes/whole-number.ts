import { InvalidArgumentError } from 'commander';

/** Creates a parser for a command-line option that is a whole number of at least `least`. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isInteger(number) || number < least)
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    return number;
  };
