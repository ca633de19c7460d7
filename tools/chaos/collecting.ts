import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import type { Backend } from './driving/backend.js';
import type { Tell } from './harm.js';
import type { Evidence, Replayed, ToldOutcome } from './judging/evidence.js';
import type { Needle } from './judging/needles.js';
import { type Place, searchAll } from './judging/searching.js';
import type { Member } from './personas.js';
import { replayEverything } from './replaying.js';
import type { World } from './setting/world.js';

const ASKED_AT_ONCE = 8;

const Ended = t.intersection([
  t.type({ decision: t.type({ outcome: t.string, reason: t.string }) }),
  t.partial({ registration: t.type({ appRegistrationId: t.string }) }),
]);

const toldOutcome = async (backend: Backend, { reference }: Member): Promise<ToldOutcome | undefined> => {
  const read = Ended.decode(await backend.call('GET', `/onboardings/${reference}`).catch(() => undefined));
  return E.isLeft(read) ? undefined : { ...read.right.decision, ...read.right.registration };
};

const askAll = async (backend: Backend, cast: readonly Member[]): Promise<ReadonlyMap<string, ToldOutcome>> => {
  const told = await pMap(cast, async (member) => [member.reference, await toldOutcome(backend, member)] as const, {
    concurrency: ASKED_AT_ONCE,
  });
  return new Map(told.flatMap(([reference, outcome]) => (outcome === undefined ? [] : [[reference, outcome]])));
};

/** What may be found nowhere: everything personal, every token, and the secrets of the services. */
const needlesOf = (cast: readonly Member[], tokens: ReadonlyMap<string, string>, world: World): readonly Needle[] => [
  ...cast.flatMap(({ reference, person }) => [
    { what: `the email of ${reference}`, value: person.email },
    { what: `the phone of ${reference}`, value: person.phone },
    { what: `the whole phone of ${reference}`, value: `${person.countryCode}${person.phone}`.replace('+', '') },
    { what: `the name of ${reference}`, value: person.fullName },
  ]),
  ...[...tokens].map(([value, reference]) => ({ what: `a token of ${reference}`, value })),
  ...world.secrets(),
];

const savePage = async (url: string, where: string, file: string): Promise<Place> => {
  await writeFile(file, await (await fetch(url)).text());
  return { where, file, marker: '# HELP' };
};

const savePages = async ({ workers, gateways }: World, folder: string): Promise<readonly Place[]> => {
  const named = [
    ...workers.named().map(({ name, worker }) => ({ name, now: worker.now() })),
    ...gateways.map((gateway, index) => ({ name: `gateway-${index + 1}`, now: gateway.now() })),
  ];
  return Promise.all(
    named.flatMap(({ name, now }) =>
      now === undefined ? [] : [savePage(now.metricsUrl, `the metrics of ${name}`, join(folder, `${name}.metrics`))],
    ),
  );
};

const logPlaces = ({ workers, gateways, temporal, links }: World, folder: string): readonly Place[] => {
  const place = (name: string, marker: string) => ({
    where: `the log of ${name}`,
    file: join(folder, `${name}.log`),
    marker,
  });
  return [
    ...workers.names().map((name) => place(name, 'worker started')),
    ...gateways.map((_, index) => place(`gateway-${index + 1}`, '/v1/onboardings')),
    ...temporal.logs,
    links.log,
  ];
};

/** Whether what has to be in a database is found in one of its files: otherwise the search sees nothing. */
const someHas = async (files: readonly string[], marker: string): Promise<boolean> => {
  for (const file of files) if ((await readFile(file)).includes(marker)) return true;
  return false;
};

export interface CollectOptions {
  readonly world: World;
  readonly folder: string;
  readonly backend: Backend;
  readonly cast: readonly Member[];
  /** Every token that was given out, with whose it was. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly stopped: ReadonlyMap<string, string>;
  readonly tell: Tell;
}

const replayAndTell = async (
  world: World,
  { folder, tell, expected }: { readonly folder: string; readonly tell: Tell; readonly expected: readonly string[] },
): Promise<readonly Replayed[]> => {
  const since = performance.now();
  const replayed = await replayEverything(world, { expected, folder });
  const events = replayed.reduce((sum, one) => sum + one.events, 0);
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  tell(`${replayed.length} histories of ${events} events have been fetched and replayed in ${seconds} s.`);
  return replayed;
};

/** Gathers all that is judged. Nothing goes on after that: the Temporal server is ended for the sake of its files. */
export const collect = async (options: CollectOptions): Promise<Evidence> => {
  const { world, folder, backend, cast, tokens, stopped, tell } = options;
  const outcomes = await askAll(backend, cast);
  const ledger = await world.verifik.control.ledger();
  const vendor = {
    standings: await world.verifik.control.standings(),
    createdByContact: ledger.registrationsByContact,
    discardedByRegistration: ledger.finishedChecksDiscardedByRegistration,
  };
  const heard = await world.service.heard();
  const workflowIds = new Map(cast.map(({ reference }) => [reference, world.workflowIdOf(reference)]));
  const replayed = await replayAndTell(world, { folder, tell, expected: [...workflowIds.values()] });
  const pages = await savePages(world, folder);
  const dumped = await world.temporal.dump(folder);
  const places = [...logPlaces(world, folder), ...pages, ...dumped.map((file) => ({ where: basename(file), file }))];
  const searched = await searchAll(places, needlesOf(cast, tokens, world));
  const databaseIsRead = await someHas(dumped, cast[0]?.reference ?? '');
  return { cast, stopped, vendor, outcomes, heard, replayed, workflowIds, searched, databaseIsRead };
};
