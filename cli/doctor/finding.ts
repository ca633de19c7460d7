import type { FieldError } from '../../shared/decoding.js';
import { describeFieldErrors } from '../../shared/decoding.js';

/** What looking after one thing came to. `skipped`: it could not be looked at, or there was no reason to. */
export type Finding = { readonly about: string } & (
  | { readonly state: 'ok'; readonly found: string }
  | { readonly state: 'wrong'; readonly found: string; readonly mend: string }
  | { readonly state: 'skipped'; readonly found: string }
);

export const ok = (about: string, found: string): Finding => ({ about, state: 'ok', found });

export const wrong = (about: string, found: string, mend: string): Finding => ({ about, state: 'wrong', found, mend });

export const skipped = (about: string, found: string): Finding => ({ about, state: 'skipped', found });

/** Settings that are wrong: they are mended by what was expected of them. */
export const wrongSettings = (about: string, errors: readonly FieldError[], mend: string): Finding =>
  wrong(about, describeFieldErrors(errors), mend);
