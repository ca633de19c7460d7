import type { FieldError } from '../shared/decoding.js';

/**
 * Moves the errors of a value into the field that holds it. Has no imports of Temporal's, so that the command line
 * starts quickly.
 */
export const inField =
  (name: string) =>
  (errors: readonly FieldError[]): readonly FieldError[] =>
    errors.map(({ field, expected }) => ({ field: field === '(root)' ? name : `${name}.${field}`, expected }));
