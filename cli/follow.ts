import { setTimeout as pause } from 'node:timers/promises';
import type { CallOptions } from '../client/index.js';
import { SECOND_MS } from '../shared/time.js';
import { exitOfError } from './exit-codes.js';
import { asClientError, CliFailure } from './failures.js';

export interface FollowOptions<R> {
  readonly what: 'onboarding' | 'batch';
  readonly result: () => Promise<R>;
  readonly look: (call: CallOptions) => Promise<void>;
  readonly note: (text: string) => void;
  /** How long to follow, in ms. Default: to the end. */
  readonly timeoutMs?: number;
}

const LOOK_INTERVAL_MS = SECOND_MS;
const LOOK_TIMEOUT_MS = 10 * SECOND_MS;

/** The server may refuse some of the many clients that read an onboarding when it ends. */
const MAX_LAST_LOOKS = 5;

const isTransient = async (thrown: unknown): Promise<boolean> => {
  const error = await asClientError(thrown);
  return error !== undefined && exitOfError(error) === 'unavailable';
};

/** Converts the error of `result`: in most cases it is the workflow's failure, and there will be no outcome. */
const toFailure = async (thrown: unknown, what: string): Promise<Error> => {
  const error = await asClientError(thrown);
  if (error === undefined) return new CliFailure('failed', 'the outcome could not be read');
  if (error.type === 'NotFound' || error.type === 'EncryptionKeys') return error;
  const { failure = error.type, sentence = error.message } = error.stopped ?? {};
  return new CliFailure('stopped', `the ${what} ended without an outcome (${failure}): ${sentence}`);
};

const waitForEnd = async <R>({ what, result }: FollowOptions<R>): Promise<R> => {
  for (;;) {
    try {
      return await result();
    } catch (error) {
      if (!(await isTransient(error))) throw await toFailure(error, what);
      await pause(LOOK_INTERVAL_MS);
    }
  }
};

/** Returns a function that looks once. It reports a series of transient errors only once. */
const tolerantLook = <R>({ look, note }: FollowOptions<R>) => {
  let isFailing = false;
  return async (timeLeftMs: number): Promise<void> => {
    try {
      await look({ timeoutMs: Math.max(Math.min(LOOK_TIMEOUT_MS, timeLeftMs), SECOND_MS) });
      isFailing = false;
    } catch (error) {
      if (!(await isTransient(error))) throw error;
      if (!isFailing) note('No response; still trying.');
      isFailing = true;
    }
  };
};

/** Looks after the end. The result is known already, so an error is only reported. */
const lastLook = async <R>({ look, note }: FollowOptions<R>): Promise<void> => {
  for (let looks = 1; ; looks += 1) {
    try {
      return await look({ timeoutMs: LOOK_TIMEOUT_MS });
    } catch (error) {
      if (looks < MAX_LAST_LOOKS && (await isTransient(error))) await pause(LOOK_INTERVAL_MS);
      else return note('The last events could not be read.');
    }
  }
};

/**
 * Shows an onboarding or a batch every second until it has ended, and returns its result.
 *
 * @throws CliFailure `stopped` if it ends without an outcome, `unavailable` after a timeout; OnboardingError if it does
 * not exist.
 */
export const followToTheEnd = async <R>(options: FollowOptions<R>): Promise<R> => {
  const { what, look, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const stopAt = Date.now() + timeoutMs;
  const timeLeftMs = (): number => Math.max(stopAt - Date.now(), 0);
  await look(Number.isFinite(timeoutMs) ? { timeoutMs } : {});
  const result = waitForEnd(options);
  const ending = result.catch(() => undefined).then(() => true);
  const lookAgain = tolerantLook(options);
  for (;;) {
    if (await Promise.race([ending, pause(Math.min(LOOK_INTERVAL_MS, timeLeftMs()), false)])) {
      await lastLook(options);
      return result;
    }
    await lookAgain(timeLeftMs());
    if (Date.now() >= stopAt) throw new CliFailure('unavailable', `timed out; the ${what} continues`);
  }
};
