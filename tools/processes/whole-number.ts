import { InvalidArgumentError } from 'commander';

/** Reads a whole number of the command line, from the least that it may be. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isInteger(number) || number < least)
      throw new InvalidArgumentError(`Expected a whole number from ${least}.`);
    return number;
  };
