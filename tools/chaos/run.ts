import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import { castOf } from './cast.js';
import { collect } from './collecting.js';
import { type Backend, createBackend } from './driving/backend.js';
import { play, type Stage } from './driving/play.js';
import { createHarmer, type Tell } from './harm.js';
import type { Evidence, Searched } from './judging/evidence.js';
import { judge, type Violation } from './judging/judge.js';
import type { Member } from './personas.js';
import type { Act, HarmKind } from './plan/acts.js';
import { planOf } from './plan/plan.js';
import { openServer, type ServerName } from './setting/servers.js';
import { openWorld, type World } from './setting/world.js';

export interface RunOptions {
  readonly seed: number;
  readonly onboardings: number;
  readonly server: ServerName;
  /** How many onboardings are under way at once. */
  readonly atOnce: number;
  /** How many acts; by default as many as go well with the onboardings. */
  readonly acts?: number;
  /** Only harm of these kinds. Default all. */
  readonly only?: readonly HarmKind[];
  /** Leaves out applicants who take longer than this, in ms. */
  readonly atMostMs?: number;
  readonly tell: Tell;
}

/** What a run came to. */
export interface Run {
  readonly seed: number;
  readonly onboardings: number;
  readonly server: ServerName;
  readonly atOnce: number;
  /** Where it was said how many. */
  readonly acts?: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly harm: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** Calls of the service that had to be repeated, by what was answered. */
  readonly repeatedCalls: Readonly<Record<string, number>>;
  /** How often a service ended though nobody had ended it, and was started again. */
  readonly ownDeaths: number;
  /** How many runs of workflows were replayed. */
  readonly replayed: number;
  readonly searched: readonly Searched[];
  readonly seconds: number;
  /** Logs, metrics and databases. */
  readonly folder: string;
}

/** When nothing ends any more for so long after all harm is over, what has no outcome has none. */
const PATIENCE_MS = 180_000;
const LOOK_AGAIN_MS = 500;

const counted = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const endedIn = async ({ service }: World): Promise<number> => {
  const ids = (await service.heard()).flatMap((line) =>
    'event' in line && /^onboarding\.(ended|failed)$/.test(line.event.type) ? [line.event.data.id] : [],
  );
  return new Set(ids).size;
};

/** Waits until the service has heard of every ending, or of no other for too long. */
const untilEnded = async (world: World, onboardings: number, tell: Tell): Promise<void> => {
  let ended = await endedIn(world);
  let lastChange = Date.now();
  while (ended < onboardings && Date.now() - lastChange < PATIENCE_MS) {
    await pause(LOOK_AGAIN_MS);
    const now = await endedIn(world);
    if (now === ended) continue;
    ended = now;
    lastChange = Date.now();
  }
  tell(`The service has heard of ${ended} endings of ${onboardings}.`);
};

interface Played {
  readonly stopped: ReadonlyMap<string, string>;
  readonly tokens: ReadonlyMap<string, string>;
}

/** Everybody goes through, so many at once, while harm is done. */
const playAll = async (
  world: World,
  {
    cast,
    plan,
    backend,
    atOnce,
    tell,
  }: { cast: readonly Member[]; plan: readonly Act[]; backend: Backend; atOnce: number; tell: Tell },
): Promise<Played> => {
  const stopped = new Map<string, string>();
  const tokens = new Map<string, string>();
  let done = 0;
  const harmer = createHarmer(world, plan, (line) => tell(`${String(done).padStart(5)} through  ${line}`));
  const stage: Stage = {
    backend,
    verifik: world.verifik,
    onToken: ({ reference }, token) => void tokens.set(token, reference),
  };
  harmer.through(0);
  const one = async (member: Member): Promise<void> => {
    await play(stage, member).catch((error: unknown) => void stopped.set(member.reference, String(error)));
    done += 1;
    harmer.through(done);
  };
  await pMap(cast, one, { concurrency: atOnce });
  tell('Every applicant has done their part.');
  await harmer.peace();
  tell('All harm is over and everything is up.');
  return { stopped, tokens };
};

/** Lets so many applicants go through onboarding while harm is done as the seed says, and judges what has become of them. */
export const runChaos = async (options: RunOptions): Promise<Run> => {
  const { seed, onboardings, server, atOnce, acts, only, atMostMs } = options;
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1_000;
  const tell: Tell = (line) => options.tell(`${seconds().toFixed(1).padStart(7)} s  ${line}`);
  const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-chaos-'));
  // Where this process is root's, PostgreSQL is not: it has to get through to its own folder.
  await chmod(folder, 0o711);
  const cast = castOf({ seed, onboardings, ...(atMostMs === undefined ? {} : { atMostMs }) });
  const database = server === 'production';
  const plan = planOf(seed, {
    onboardings,
    database,
    ...(acts === undefined ? {} : { acts }),
    ...(only === undefined ? {} : { only }),
  });
  const world = await openWorld({ seed, folder, openTemporal: (links) => openServer(server, folder, links) });
  let evidence: Evidence;
  const backend = createBackend(world.access);
  try {
    tell(`${onboardings} onboardings, ${plan.length} acts of harm; everything is up, and its logs are in ${folder}`);
    const played = await playAll(world, { cast, plan, backend, atOnce, tell });
    await world.verifik.control.flushWebhooks();
    await untilEnded(world, onboardings, tell);
    evidence = await collect({ world, folder, backend, cast, tell, ...played });
  } finally {
    await world.close();
  }
  return {
    ...{ seed, onboardings, server, atOnce, folder },
    ...(acts === undefined ? {} : { acts }),
    outcomes: counted([...evidence.outcomes.values()].map(({ outcome }) => outcome)),
    harm: counted(plan.map(({ kind }) => kind)),
    violations: judge(evidence),
    repeatedCalls: Object.fromEntries(backend.repeated),
    ownDeaths: world.gateways.reduce((sum, gateway) => sum + gateway.ownDeaths(), world.workers.ownDeaths()),
    replayed: evidence.replayed.length,
    searched: evidence.searched,
    seconds: Math.round(seconds()),
  };
};
