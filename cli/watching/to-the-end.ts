import { setTimeout as pause } from 'node:timers/promises';
import { SECOND_MS } from '../../shared/time.js';
import { EXIT_OF_ERROR } from '../exits.js';
import { CliFailure } from '../failures.js';

export interface Following<R> {
  readonly what: 'onboarding' | 'batch';
  /** Waits for what it comes to. */
  readonly result: () => Promise<R>;
  /** Looks what is new, and shows it. */
  readonly look: (options: { readonly timeoutMs?: number }) => Promise<void>;
  readonly note: (text: string) => void;
  /** How long to follow, in ms. Absent: to the end. */
  readonly timeoutMs?: number;
}

type End<R> = { readonly result: R } | { readonly failure: Error };

const LOOK_EVERY_MS = SECOND_MS;
const ANSWER_WITHIN_MS = 10 * SECOND_MS;

/** A server that many ask about the same onboarding, as its end is where they all do, may refuse some of them for a moment. */
const LAST_LOOKS = 5;

const mayPass = async (error: unknown): Promise<boolean> => {
  const { OnboardingError } = await import('../../client/index.js');
  return error instanceof OnboardingError && EXIT_OF_ERROR[error.type] === 'unavailable';
};

/** What a failure means when it is its own: not that the command was wrong, but that there will be no outcome. */
const asEnd = async (error: unknown, what: string): Promise<Error> => {
  const { OnboardingError } = await import('../../client/index.js');
  if (!(error instanceof OnboardingError)) return new CliFailure('failed', 'the outcome could not be read');
  const { type, message } = error;
  return type === 'NotFound' || type === 'EncryptionKeys'
    ? error
    : new CliFailure('stopped', `the ${what} ended without an outcome (${type}): ${message}`);
};

/** Waits for the end, over whatever passes. */
const endOf = async <R>({ what, result }: Following<R>): Promise<End<R>> => {
  for (;;) {
    try {
      return { result: await result() };
    } catch (error) {
      if (!(await mayPass(error))) return { failure: await asEnd(error, what) };
      await pause(LOOK_EVERY_MS);
    }
  }
};

/** Looks again for what has happened. Where nothing answers that may answer again, that is noted once. */
const lookingAgain = <R>({ look, note }: Following<R>) => {
  let isTroubled = false;
  return async (left: number): Promise<void> => {
    try {
      await look({ timeoutMs: Math.max(Math.min(ANSWER_WITHIN_MS, left), SECOND_MS) });
      isTroubled = false;
    } catch (error) {
      if (!(await mayPass(error))) throw error;
      if (!isTroubled) note('There is no answer; still trying.');
      isTroubled = true;
    }
  };
};

/** Looks for what happened until the end. What has ended may have nobody left to tell of it. */
const lookForTheLastTime = async <R>({ look, note }: Following<R>): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await look({ timeoutMs: ANSWER_WITHIN_MS });
    } catch (error) {
      if (tries < LAST_LOOKS && (await mayPass(error))) await pause(LOOK_EVERY_MS);
      else return note('What happened last could not be read.');
    }
  }
};

const resultOf = <R>(end: End<R>): R => {
  if ('failure' in end) throw end.failure;
  return end.result;
};

/**
 * Looks at something again and again until it has ended, and answers with what it came to.
 *
 * @throws CliFailure `stopped` where it ends without an outcome, `unavailable` when the time is up; OnboardingError where it is not
 * there.
 */
export const followToTheEnd = async <R>(following: Following<R>): Promise<R> => {
  const { what, look, timeoutMs = Number.POSITIVE_INFINITY } = following;
  const leftOf = (until: number): number => Math.max(until - Date.now(), 0);
  const giveUpAt = Date.now() + timeoutMs;
  await look(Number.isFinite(timeoutMs) ? { timeoutMs } : {});
  let end: End<R> | undefined;
  const ending = endOf(following).then((reached) => {
    end = reached;
  });
  const lookAgain = lookingAgain(following);
  for (;;) {
    await Promise.race([ending, pause(Math.min(LOOK_EVERY_MS, leftOf(giveUpAt)))]);
    if (end !== undefined) {
      await lookForTheLastTime(following);
      return resultOf(end);
    }
    await lookAgain(leftOf(giveUpAt));
    if (Date.now() >= giveUpAt) throw new CliFailure('unavailable', `the ${what} goes on, and the time is up`);
  }
};
