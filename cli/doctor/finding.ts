import { isGrpcServiceError } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type { Read } from '../../shared/decoding.js';
import { describeFieldErrors } from '../../shared/decoding.js';
import { plain } from '../format/text.js';

/** The result of one examination. `skipped`: it was not possible or not needed. */
export type Finding = { readonly about: string; readonly found: string } & (
  | { readonly state: 'ok' | 'skipped' }
  | { readonly state: 'wrong'; readonly fix: string }
);

/** A problem that an examination has found. Without a fix of its own, it has the examination's. */
export class Problem extends Error {
  readonly fix: string | undefined;

  constructor(found: string, fix?: string) {
    super(found);
    this.fix = fix;
  }
}

/** Returns the value of a setting. @throws Problem that names the wrong settings. */
export const orProblem = <A>(read: Read<A>): A => {
  if (E.isRight(read)) return read.right;
  throw new Problem(describeFieldErrors(read.left));
};

export const describeError = (error: unknown): string => {
  if (isGrpcServiceError(error)) return plain(error.details || error.message);
  return error instanceof Error ? plain(error.message) : 'an unknown error';
};

export const skipped = (about: string, found: string): Finding => ({ about, state: 'skipped', found });

/** Runs an examination, which returns what it has found. Every error that it throws is a problem. */
export const examine = async (about: string, fix: string, examination: () => Promise<string>): Promise<Finding> => {
  try {
    return { about, state: 'ok', found: await examination() };
  } catch (error) {
    const isProblem = error instanceof Problem;
    const found = isProblem ? error.message : describeError(error);
    return { about, state: 'wrong', found, fix: (isProblem ? error.fix : undefined) ?? fix };
  }
};
