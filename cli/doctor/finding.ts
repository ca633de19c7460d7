import type { FieldError } from '../../shared/decoding.js';
import { describeFieldErrors } from '../../shared/decoding.js';

/** The result of one examination. `skipped`: it was not possible or not needed. */
export type Finding = { readonly about: string } & (
  | { readonly state: 'ok'; readonly found: string }
  | { readonly state: 'wrong'; readonly found: string; readonly fix: string }
  | { readonly state: 'skipped'; readonly found: string }
);

export const ok = (about: string, found: string): Finding => ({ about, state: 'ok', found });

export const wrong = (about: string, found: string, fix: string): Finding => ({ about, state: 'wrong', found, fix });

export const skipped = (about: string, found: string): Finding => ({ about, state: 'skipped', found });

export const wrongSettings = (about: string, errors: readonly FieldError[], fix: string): Finding =>
  wrong(about, describeFieldErrors(errors), fix);
