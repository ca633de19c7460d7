import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OnboardingError } from '../../../client/index.js';
import type { WorkerProcess } from '../../processes/worker-process.js';
import { createRandom, inventPeople, type Random } from '../../sandbox/index.js';
import type { ServerName } from '../environment/servers.js';
import type { Supervised } from '../environment/supervised.js';
import type { Tell } from '../fault-injector.js';
import { replayEverything } from '../replaying.js';
import { begin, callAtRandom, finish, type Subject } from './calls.js';
import { type Environment, openEnvironment } from './environment.js';
import { type Finding, judgeOutcome } from './judging.js';
import { watch } from './watching.js';

export interface HuntOptions {
  readonly seed: number;
  readonly server: ServerName;
  readonly onboardings: number;
  /** For how long calls are made and workers ended, in seconds. */
  readonly seconds: number;
  readonly tell: Tell;
}

/** The result of a hunt. */
export interface Hunt extends Omit<HuntOptions, 'tell'> {
  readonly workerEnds: number;
  readonly queries: number;
  readonly calls: number;
  readonly replayed: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Logs, and the histories that do not replay. */
  readonly folder: string;
}

/** Tags of emails by which the sandbox forces the outcomes of checks. */
const TAGS = [undefined, undefined, 'document-review', 'document-FAILED-once', 'document-FAILED'];

const BETWEEN_CALLS_MS = 1_500;
const BETWEEN_ENDS_MS = 1_000;
const DOWN_AT_MOST_MS = 500;
const ENDS_BY_ITSELF_WITHIN_MS = 15_000;
const ENDS_WITHDRAWN_WITHIN_MS = 60_000;
const TRIES = 5;

const tagged = <P extends { readonly email: string }>(person: P, tag: string | undefined): P =>
  tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };

const endWorkers = async (worker: Supervised<WorkerProcess>, random: Random, until: number): Promise<number> => {
  let ends = 0;
  while (Date.now() < until) {
    await pause(random.below(BETWEEN_ENDS_MS));
    await worker.down(random.below(3) === 0 ? 'stop' : 'kill', random.below(DOWN_AT_MOST_MS));
    ends += 1;
  }
  return ends;
};

const callAll = async (environment: Environment, subject: Subject, random: Random, until: number): Promise<number> => {
  let calls = 0;
  while (Date.now() < until) {
    await pause(random.below(BETWEEN_CALLS_MS));
    await callAtRandom(environment, subject, random).catch(() => undefined);
    calls += 1;
  }
  return calls;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Repeats a call while it finds no worker in time. One that comes too late is taken as well: the onboarding has ended.
 */
const untilTaken = async (call: () => Promise<void>): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof OnboardingError && error.type === 'NotFound') return;
      if (tries === TRIES) throw error;
    }
  }
};

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
    await untilTaken(() => onboardings.withdraw(workflowId));
    return await outcome(ENDS_WITHDRAWN_WITHIN_MS);
  } catch (error) {
    return `stuck: ${message(error)}`;
  }
};

const huntIn = async (environment: Environment, options: HuntOptions, folder: string): Promise<Hunt> => {
  const { seed, server, onboardings, seconds, tell } = options;
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
  const until = Date.now() + seconds * 1_000;
  const ending = environment.workers.map((worker) => endWorkers(worker, random, until));
  const calls = await Promise.all(
    subjects.map((subject, index) => callAll(environment, subject, createRandom(seed * 1_000 + index), until)),
  );
  const workerEnds = sum(await Promise.all(ending));
  tell(`${workerEnds} workers have been ended; waiting for every onboarding to end`);
  await Promise.all(watches.map((one) => one.stop()));
  const ends = await Promise.all(subjects.map((subject) => end(environment, subject)));
  const statuses = await environment.verifik.control.statuses();
  const findings = await Promise.all(
    subjects.map((subject, index) => judgeOutcome(environment, subject, ends[index] ?? '', statuses)),
  );
  const expected = subjects.map(({ started }) => started.workflowId);
  const replayed = await replayEverything(environment, { expected, folder });
  const counts: Record<string, number> = {};
  for (const outcome of ends) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return {
    ...{ seed, server, onboardings, seconds, workerEnds, folder },
    calls: sum(calls),
    queries: sum(watches.map(({ queries }) => queries())),
    replayed: replayed.length,
    outcomes: counts,
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
  const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-hunt-'));
  // Where this process is root's, PostgreSQL is not: it has to get through to its own folder.
  await chmod(folder, 0o711);
  const environment = await openEnvironment({
    ...{ seed, folder, server },
    workers: 1 + (seed % 2),
    ...(seed % 3 === 0 ? { maxCachedWorkflows: 2 } : {}),
  });
  try {
    return await huntIn(environment, options, folder);
  } finally {
    await environment.close();
  }
};
