import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import { defined } from '../../shared/defined.js';
import { type CollectOptions, collect } from './collecting.js';
import { createBackend } from './driving/backend.js';
import { runScenario, type ScenarioContext } from './driving/scenarios.js';
import { type Environment, openEnvironment } from './environment/environment.js';
import type { ServerName } from './environment/servers.js';
import { createFaultInjector, type Tell } from './fault-injector.js';
import { findViolations, type Violation } from './judging/invariants.js';
import type { Observations, SearchResult } from './judging/observations.js';
import { type Applicant, type ApplicantsOptions, applicantsOf } from './personas.js';
import type { PlannedFault } from './plan/faults.js';
import { type PlanOptions, planOf } from './plan/plan.js';

export interface RunOptions extends ApplicantsOptions, Pick<PlanOptions, 'faultCount' | 'only'> {
  readonly server: ServerName;
  /** The number of onboardings in progress at the same time. */
  readonly atOnce: number;
  readonly tell: Tell;
}

/** The result of a run. */
export interface Run extends Pick<RunOptions, 'seed' | 'onboardings' | 'server' | 'atOnce' | 'faultCount'> {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** API calls that the service repeated, by the answer that made it repeat them. */
  readonly repeatedCalls: Readonly<Record<string, number>>;
  /** The number of times that a worker or gateway exited without a fault, and was restarted. */
  readonly crashes: number;
  /** The number of workflow runs that were replayed. */
  readonly replayed: number;
  readonly searched: readonly SearchResult[];
  readonly seconds: number;
  /** Holds the logs, metrics and databases. */
  readonly folder: string;
}

/** After the last fault, the run waits as long as an onboarding ends at least once within this time. */
const NO_PROGRESS_TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 500;

export const countByName = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const countEnded = async ({ service }: Environment): Promise<number> => {
  const ids = (await service.received()).flatMap((line) =>
    'event' in line && /^onboarding\.(ended|failed)$/.test(line.event.type) ? [line.event.data.id] : [],
  );
  return new Set(ids).size;
};

/** Waits until the service has received a final event for every onboarding, or none for `NO_PROGRESS_TIMEOUT_MS`. */
const waitUntilEnded = async (environment: Environment, onboardings: number, tell: Tell): Promise<void> => {
  let ended = await countEnded(environment);
  let lastChange = Date.now();
  while (ended < onboardings && Date.now() - lastChange < NO_PROGRESS_TIMEOUT_MS) {
    await pause(POLL_INTERVAL_MS);
    const now = await countEnded(environment);
    if (now === ended) continue;
    ended = now;
    lastChange = Date.now();
  }
  tell(`The service has received the final event of ${ended} of ${onboardings} onboardings.`);
};

/** Runs the scenario of every applicant while faults are injected. Returns when the last fault is over. */
const runScenarios = async (
  { environment, applicants, backend, tell }: Pick<CollectOptions, 'environment' | 'applicants' | 'backend' | 'tell'>,
  plan: readonly PlannedFault[],
  atOnce: number,
): Promise<Pick<CollectOptions, 'blocked' | 'tokens'>> => {
  const blocked = new Map<string, string>();
  const tokens = new Map<string, string>();
  let done = 0;
  const injector = createFaultInjector(environment, plan, (line) => tell(`${String(done).padStart(5)} done  ${line}`));
  const context: ScenarioContext = {
    backend,
    verifik: environment.verifik,
    onToken: ({ reference }, token) => void tokens.set(token, reference),
  };
  const runOne = async (applicant: Applicant): Promise<void> => {
    await runScenario(context, applicant).catch(
      (error: unknown) => void blocked.set(applicant.reference, String(error)),
    );
    done += 1;
    injector.injectDue(done);
  };
  injector.injectDue(0);
  await pMap(applicants, runOne, { concurrency: atOnce });
  tell('The scenarios of all applicants are done.');
  await injector.finish();
  tell('All faults are over, and every process is running.');
  return { blocked, tokens };
};

/** Runs the onboardings while faults are injected according to the seed, and checks the invariants at the end. */
export const runChaos = async (options: RunOptions): Promise<Run> => {
  const { seed, onboardings, server, atOnce, faultCount } = options;
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1_000;
  const tell: Tell = (line) => options.tell(`${seconds().toFixed(1).padStart(7)} s  ${line}`);
  const applicants = applicantsOf(options);
  const plan = planOf(seed, { ...options, database: server === 'production' });
  const environment = await openEnvironment({ seed, server });
  const { folder } = environment;
  let observations: Observations;
  const backend = createBackend(environment.access);
  try {
    tell(`${onboardings} onboardings, ${plan.length} faults. Every process is running; logs are in ${folder}`);
    const common = { environment, applicants, backend, tell };
    const results = await runScenarios(common, plan, atOnce);
    await environment.verifik.control.flushWebhooks();
    await waitUntilEnded(environment, onboardings, tell);
    observations = await collect({ ...common, ...results });
  } finally {
    await environment.close();
  }
  return {
    ...{ seed, onboardings, server, atOnce, folder },
    ...defined({ faultCount }),
    outcomes: countByName([...observations.outcomes.values()].map(({ outcome }) => outcome)),
    faults: countByName(plan.map(({ kind }) => kind)),
    violations: findViolations(observations),
    repeatedCalls: Object.fromEntries(backend.repeated),
    crashes: environment.gateways.reduce((sum, gateway) => sum + gateway.crashes(), environment.workers.crashes()),
    replayed: observations.replayed.length,
    searched: observations.searched,
    seconds: Math.round(seconds()),
  };
};
