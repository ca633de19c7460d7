import { setTimeout as pause } from 'node:timers/promises';
import { sum } from 'simple-statistics';
import { OnboardingError } from '../../../client/index.js';
import { retry } from '../../processes/retry.js';
import { createRandom, inventPeople, type Random } from '../../sandbox/index.js';
import type { ServerName } from '../environment/servers.js';
import type { Tell } from '../fault-injector.js';
import { tagged } from '../personas.js';
import { replayEverything } from '../replaying.js';
import { countByName } from '../run.js';
import { begin, callAtRandom, finish, type Subject } from './calls.js';
import { type Environment, openEnvironment } from './environment.js';
import { type Finding, judgeOutcome } from './judging.js';
import { watch } from './watching.js';

export interface HuntOptions {
  readonly seed: number;
  readonly server: ServerName;
  readonly onboardings: number;
  /** How many workers are ended while calls are made. */
  readonly workerEnds: number;
  readonly tell: Tell;
}

/** The result of a hunt. */
export interface Hunt extends Omit<HuntOptions, 'tell'> {
  readonly queries: number;
  readonly calls: number;
  readonly replayed: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Logs, and the histories that do not replay. */
  readonly folder: string;
}

/** Tags of emails by which the sandbox forces the outcomes of checks. */
const TAGS = [undefined, undefined, 'document-review', 'document-failed-once', 'document-failed'];

const BETWEEN_CALLS_MS = 1_500;
const BETWEEN_ENDS_MS = 1_000;
const DOWN_AT_MOST_MS = 500;
const ENDS_BY_ITSELF_WITHIN_MS = 15_000;
const ENDS_WITHDRAWN_WITHIN_MS = 60_000;
const ATTEMPTS = 5;

interface Repetition {
  readonly goesOn: () => boolean;
  readonly pauseMs: number;
  readonly random: Random;
}

/** Repeats an action after random pauses of at most `pauseMs`. Returns how often. */
const repeat = async ({ goesOn, pauseMs, random }: Repetition, act: () => Promise<void>): Promise<number> => {
  let times = 0;
  for (; goesOn(); times += 1) {
    await pause(random.below(pauseMs));
    await act();
  }
  return times;
};

const hasEnded = (error: unknown): boolean => error instanceof OnboardingError && error.type === 'AlreadyEnded';

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Has the applicant do the rest and waits for the outcome; withdraws where none comes. Returns an error message if that
 * does not end it either.
 */
const end = async (environment: Environment, subject: Subject): Promise<string> => {
  const { workflowId } = subject.started;
  const { onboardings } = environment;
  const outcome = (timeoutMs: number) => onboardings.result(workflowId, { timeoutMs }).then((result) => result.outcome);
  await finish(environment, subject).catch(() => undefined);
  try {
    return await outcome(ENDS_BY_ITSELF_WITHIN_MS);
  } catch {
    subject.isWithdrawn = true;
  }
  try {
    // A call fails while no worker takes it in time.
    await retry(() => onboardings.withdraw(workflowId), { attempts: ATTEMPTS, isFinal: hasEnded }).catch(
      (error: unknown) => {
        if (!hasEnded(error)) throw error;
      },
    );
    return await outcome(ENDS_WITHDRAWN_WITHIN_MS);
  } catch (error) {
    return `stuck: ${message(error)}`;
  }
};

const huntIn = async (environment: Environment, options: HuntOptions): Promise<Hunt> => {
  const { seed, server, onboardings, workerEnds, tell } = options;
  const random = createRandom(seed);
  const people = inventPeople(seed, onboardings);
  const subjects = await Promise.all(
    people.map((person, index) =>
      begin(environment, `hunt-${seed}-${index + 1}`, tagged(person, TAGS[index % TAGS.length])),
    ),
  );
  tell(`${onboardings} onboardings have begun`);
  await environment.batches.start(
    {
      mode: 'audit',
      source: { kind: 'ids', ids: subjects.map(({ started }) => started.appRegistrationId) },
      callsPerSecond: 2,
    },
    { batch: `hunt-${seed}` },
  );
  const watches = subjects.map(({ started }) => watch(environment, started.workflowId));
  // Counted and not timed: a busy machine takes longer for as much.
  let left = workerEnds;
  let isEnding = true;
  const ending = environment.workers.map((worker) =>
    repeat({ goesOn: () => left-- > 0, pauseMs: BETWEEN_ENDS_MS, random }, () =>
      worker.down(random.below(3) === 0 ? 'stop' : 'kill', random.below(DOWN_AT_MOST_MS)),
    ),
  );
  const calling = subjects.map((subject, index) => {
    const own = createRandom(seed * 1_000 + index);
    return repeat({ goesOn: () => isEnding, pauseMs: BETWEEN_CALLS_MS, random: own }, () =>
      callAtRandom(environment, subject, own).catch(() => undefined),
    );
  });
  await Promise.all(ending).finally(() => {
    isEnding = false;
  });
  const calls = await Promise.all(calling);
  tell(`${workerEnds} workers have been ended; waiting for every onboarding to end`);
  await Promise.all(watches.map((one) => one.stop()));
  const ends = await Promise.all(subjects.map((subject) => end(environment, subject)));
  const statuses = await environment.verifik.control.statuses();
  const findings = await Promise.all(
    subjects.map((subject, index) => judgeOutcome(environment, subject, ends[index] ?? '', statuses)),
  );
  const expected = subjects.map(({ started }) => started.workflowId);
  const replayed = await replayEverything(environment, expected);
  return {
    ...{ seed, server, onboardings, workerEnds, folder: environment.folder },
    calls: sum(calls),
    queries: sum(watches.map(({ queries }) => queries())),
    replayed: replayed.length,
    outcomes: countByName(ends),
    findings: [
      ...findings.flat(),
      ...replayed.flatMap(({ workflowId, mismatch }) =>
        mismatch === undefined ? [] : [{ workflowId, what: mismatch }],
      ),
    ],
  };
};

/**
 * Hunts for histories that do not replay: onboardings get random calls of every kind, their status is asked for three
 * times a second, and workers are ended meanwhile, gracefully or not. In the end every onboarding has to have ended in
 * an outcome that agrees with the sandbox, and every history has to replay with the bundle that made it.
 */
export const hunt = async (options: HuntOptions): Promise<Hunt> => {
  const { seed, server } = options;
  const environment = await openEnvironment({
    ...{ seed, server },
    workers: 1 + (seed % 2),
    maxCachedWorkflows: seed % 3 === 0 ? 2 : undefined,
  });
  try {
    return await huntIn(environment, options);
  } finally {
    await environment.close();
  }
};
