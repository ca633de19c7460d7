import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import { sum } from 'simple-statistics';
import { verifyEvidence } from '../../codec/evidence/signature.js';
import { parseJson } from '../../shared/decoding.js';
import type { Backend } from './driving/backend.js';
import type { Environment } from './environment/environment.js';
import type { Tell } from './fault-injector.js';
import type { ForbiddenValue } from './judging/forbidden-values.js';
import type { CheckedEvidence, Observations, ReplayResult, ReportedOutcome } from './judging/observations.js';
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

const Signed = t.type({ evidence: t.string });

/** Decodes the payload, whether its signature is valid or not. */
const documentOf = (signed: string): unknown => {
  const read = parseJson(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString());
  return E.isRight(read) ? read.right : undefined;
};

/** Changes the character at a position, which the onboarding's number determines, to another one of the alphabet. */
const withChange = (signed: string, index: number): string => {
  const at = (index * 7_919) % signed.length;
  return `${signed.slice(0, at)}${signed[at] === 'A' ? 'B' : 'A'}${signed.slice(at + 1)}`;
};

const readEvidence = async ({
  backend,
  environment,
  applicants,
}: CollectOptions): Promise<Observations['evidence']> => {
  const keys = await environment.publicKeys();
  const evidence = new Map<string, CheckedEvidence>();
  const readOne = async ({ reference }: Applicant, index: number): Promise<void> => {
    const answer = Signed.decode(
      await backend.call('GET', `/onboardings/${reference}/evidence`).catch(() => undefined),
    );
    if (E.isLeft(answer)) return;
    const { evidence: signed } = answer.right;
    const verified = await verifyEvidence(signed, keys);
    const changed = await verifyEvidence(withChange(signed, index), keys);
    evidence.set(reference, {
      ...{ signed, document: documentOf(signed), acceptsChange: E.isRight(changed) },
      ...(E.isLeft(verified) ? { refused: verified.left } : {}),
    });
  };
  await pMap(applicants, readOne, { concurrency: CONCURRENCY });
  return evidence;
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

/** Collects the observations. The environment is unusable afterwards: the dump may stop the Temporal server. */
export const collect = async (options: CollectOptions): Promise<Observations> => {
  const { environment, backend, applicants, tokens, blocked } = options;
  const outcomes = await readOutcomes(backend, applicants);
  const evidence = await readEvidence(options);
  const ledger = await environment.verifik.control.ledger();
  const vendor = {
    registrations: await environment.verifik.control.statuses(),
    records: await environment.verifik.control.records(),
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
  return {
    applicants,
    blocked,
    vendor,
    outcomes,
    evidence,
    callbacks,
    replayed,
    workflowIds,
    searched,
    databaseIsRead,
  };
};
