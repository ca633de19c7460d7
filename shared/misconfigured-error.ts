/** A setting, or a file that a setting names, is wrong: the process must not start. The message names the field, never a value. */
export class MisconfiguredError extends Error {
  override readonly name: string = 'MisconfiguredError';
}
