import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import { sum } from 'simple-statistics';
import type { Backend } from './driving/backend.js';
import type { Environment } from './environment/environment.js';
import type { Tell } from './fault-injector.js';
import type { Evidence, ReplayResult, ReportedOutcome } from './judging/evidence.js';
import type { ForbiddenValue } from './judging/forbidden-values.js';
import { type Place, searchAll } from './judging/searching.js';
import type { Applicant } from './personas.js';
import { replayEverything } from './replaying.js';

const CONCURRENCY = 8;

const Ended = t.intersection([
  t.type({ decision: t.type({ outcome: t.string, reason: t.string }) }),
  t.partial({ registration: t.type({ appRegistrationId: t.string }) }),
]);

const readOutcome = async (backend: Backend, { reference }: Applicant): Promise<ReportedOutcome | undefined> => {
  const read = Ended.decode(await backend.call('GET', `/onboardings/${reference}`).catch(() => undefined));
  return E.isLeft(read) ? undefined : { ...read.right.decision, ...read.right.registration };
};

const readOutcomes = async (
  backend: Backend,
  applicants: readonly Applicant[],
): Promise<ReadonlyMap<string, ReportedOutcome>> => {
  const read = (applicant: Applicant) => readOutcome(backend, applicant);
  const outcomes = await pMap(applicants, read, { concurrency: CONCURRENCY });
  return new Map(
    applicants.flatMap(({ reference }, index) => {
      const outcome = outcomes[index];
      return outcome === undefined ? [] : [[reference, outcome]];
    }),
  );
};

/** Personal data of the applicants, their tokens, and the secrets of the services. */
const forbiddenValuesOf = (
  applicants: readonly Applicant[],
  tokens: ReadonlyMap<string, string>,
  environment: Environment,
): readonly ForbiddenValue[] => [
  ...applicants.flatMap(({ reference, person }) => [
    { what: `the email of ${reference}`, value: person.email },
    { what: `the phone of ${reference}`, value: person.phone },
    { what: `the full phone number of ${reference}`, value: `${person.countryCode}${person.phone}`.replace('+', '') },
    { what: `the name of ${reference}`, value: person.fullName },
  ]),
  ...[...tokens].map(([value, reference]) => ({ what: `a token of ${reference}`, value })),
  ...environment.secrets(),
];

const savePages = ({ folder, workers, gateways }: Environment): Promise<readonly Place[]> => {
  const save = async (name: string, url: string): Promise<Place> => {
    const file = join(folder, `${name}.metrics`);
    await writeFile(file, await (await fetch(url)).text());
    return { where: `the metrics of ${name}`, file, marker: '# HELP' };
  };
  const named = [
    ...workers.named().map(({ name, worker }) => ({ name, now: worker.now() })),
    ...gateways.map((gateway, index) => ({ name: `gateway-${index + 1}`, now: gateway.now() })),
  ];
  return Promise.all(named.flatMap(({ name, now }) => (now === undefined ? [] : [save(name, now.metricsUrl)])));
};

const logPlaces = ({ folder, workers, gateways, temporal, links }: Environment): readonly Place[] => {
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

/** Checks that the dump is readable: a marker that the database must hold is in one of the files. */
const isInSome = async (files: readonly string[], marker: string): Promise<boolean> => {
  for (const file of files) if ((await readFile(file)).includes(marker)) return true;
  return false;
};

export interface CollectOptions {
  readonly environment: Environment;
  readonly backend: Backend;
  readonly applicants: readonly Applicant[];
  /** The reference of the applicant by registration token. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly blocked: ReadonlyMap<string, string>;
  readonly tell: Tell;
}

const replayHistories = async (
  { environment, tell }: CollectOptions,
  expected: readonly string[],
): Promise<readonly ReplayResult[]> => {
  const since = performance.now();
  const replayed = await replayEverything(environment, expected);
  const events = sum(replayed.map((one) => one.events));
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  tell(`Fetched and replayed ${replayed.length} histories of ${events} events in ${seconds} s.`);
  return replayed;
};

/** Collects the evidence. The environment is unusable afterwards: the dump may stop the Temporal server. */
export const collect = async (options: CollectOptions): Promise<Evidence> => {
  const { environment, backend, applicants, tokens, blocked } = options;
  const outcomes = await readOutcomes(backend, applicants);
  const ledger = await environment.verifik.control.ledger();
  const vendor = {
    registrations: await environment.verifik.control.statuses(),
    createdByContact: ledger.registrationsByContact,
    discardedByRegistration: ledger.finishedChecksDiscardedByRegistration,
  };
  const callbacks = await environment.service.received();
  const workflowIds = new Map(applicants.map(({ reference }) => [reference, environment.workflowIdOf(reference)]));
  const replayed = await replayHistories(options, [...workflowIds.values()]);
  const pages = await savePages(environment);
  const dumped = await environment.temporal.dump(environment.folder);
  const places = [...logPlaces(environment), ...pages, ...dumped.map((file) => ({ where: basename(file), file }))];
  const searched = await searchAll(places, forbiddenValuesOf(applicants, tokens, environment));
  const databaseIsRead = await isInSome(dumped, applicants[0]?.reference ?? '');
  return { applicants, blocked, vendor, outcomes, callbacks, replayed, workflowIds, searched, databaseIsRead };
};
