import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { BatchRequestInput, BatchSource } from '../../client/index.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { OUTCOMES } from '../../domain/outcomes.js';
import { STANDINGS } from '../../domain/reading.js';
import { CheckNameCodec, VendorId } from '../../domain/request.js';
import { BATCH_MODES, decodeBatchRequest } from '../../domain/revalidation/request.js';
import { type FieldError, oneOf } from '../../shared/decoding.js';
import { count, listOf } from '../../shared/settings.js';
import { DAY_MS } from '../../shared/time.js';
import type { Described } from '../command.js';
import { orFail, wrongUsage } from '../failures.js';
import { Decimal, Moment } from './reading.js';

/** How a batch is asked for. */
export const REQUEST_OPTIONS: readonly Described[] = [
  { flags: '--mode <mode>', describe: 'audit: compare; reverify: ask again for checks', choices: BATCH_MODES },
  { flags: '--project <id>', describe: "the registrations of this project in Verifik's list" },
  { flags: '--project-flow <id>', describe: 'of this project flow alone' },
  { flags: '--standing <words>', describe: `of those that stand so, with commas between: ${STANDINGS.join(', ')}` },
  { flags: '--created-before <date>', describe: 'of those created before, such as 2026-01-31' },
  { flags: '--created-after <date>', describe: 'of those created after' },
  { flags: '--updated-before <date>', describe: 'of those updated before' },
  { flags: '--updated-after <date>', describe: 'of those updated after' },
  { flags: '--ids <ids>', describe: 'these registrations, with commas between' },
  {
    flags: '--assume <outcome>',
    describe: 'audit: what is taken for known where nothing is known here',
    choices: OUTCOMES,
  },
  { flags: '--checks <checks>', describe: `reverify: what to ask for again: ${CHECK_NAMES.join(', ')}` },
  { flags: '--rate <n>', describe: 'calls to Verifik a second at most; 10 by default, 0.017 (one a minute) at least' },
  { flags: '--credit-budget <n>', describe: 'reverify: begin nobody beyond so many credits' },
  { flags: '--tariff <prices>', describe: 'what a check costs, such as email=1,biometric=4; 1 each by default' },
  { flags: '--dry-run', describe: 'count and price only' },
  { flags: '--deadline-days <n>', describe: 'reverify: how long each applicant has; 30 by default' },
];

const ids = listOf(VendorId, "ids of Verifik's, with commas between");

/** The options that narrow a list. */
const LIST_PROPS = {
  projectFlow: VendorId,
  standing: listOf(oneOf(STANDINGS), `some of ${STANDINGS.join(', ')}, with commas between`),
  createdBefore: Moment,
  createdAfter: Moment,
  updatedBefore: Moment,
  updatedAfter: Moment,
};

const Prices = new t.Type<Partial<Record<CheckName, number>>, unknown, unknown>(
  'prices such as email=1,biometric=4',
  (u): u is Partial<Record<CheckName, number>> => typeof u === 'object',
  (u, context) => {
    const prices = typeof u === 'string' ? u.split(',').map((part) => part.trim().match(/^(\w+)=(\d{1,9})$/)) : [];
    const read = prices.map((price) => [price?.[1], Number(price?.[2])] as const);
    const known = read.flatMap(([name, price]) => (CheckNameCodec.is(name) ? [[name, price] as const] : []));
    return known.length === 0 || known.length < read.length
      ? t.failure(u, context, 'prices such as email=1,biometric=4')
      : t.success(Object.fromEntries(known));
  },
  t.identity,
);

export const RequestFlags = t.partial({
  ...LIST_PROPS,
  mode: oneOf(BATCH_MODES),
  project: VendorId,
  ids,
  assume: oneOf(OUTCOMES),
  checks: listOf(CheckNameCodec, `some of ${CHECK_NAMES.join(', ')}, with commas between`),
  rate: Decimal,
  creditBudget: count(0, 1_000_000_000),
  tariff: Prices,
  dryRun: t.boolean,
  deadlineDays: count(1, 365),
});

export type RequestFlags = t.TypeOf<typeof RequestFlags>;

/** The option by which each field of a request is given. */
const OPTION_OF: readonly (readonly [field: RegExp, option: string])[] = [
  [/^(batch|schedule)$/, '--id'],
  [/^source\.ids/, '--ids'],
  [/^source\.standings/, '--standing'],
  [/^callsPerSecond$/, '--rate'],
  [/^tariff/, '--tariff'],
  [/^checks/, '--checks'],
  [/^deadlineMs$/, '--deadline-days'],
  [/^jitterMs$/, '--jitter'],
  [/^catchupWindowMs$/, '--catch-up'],
];

const inKebab = (field: string): string =>
  `--${field.replace(/^source\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The errors of a request, or of a schedule, as those of the options that it was given by. */
export const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => {
    const own = field.replace(/^request\./, '');
    return { field: OPTION_OF.find(([pattern]) => pattern.test(own))?.[1] ?? inKebab(own), expected };
  });

/** Runs a call whose request the server may find wrong as well. @throws CliFailure naming the options. */
export const namingOptions = async <A>(call: () => Promise<A>): Promise<A> => {
  const { OnboardingError } = await import('../../client/index.js');
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnboardingError && error.fields.length > 0) throw wrongUsage(...asOptions(error.fields));
    throw error;
  }
};

const narrowing = (flags: RequestFlags) => {
  const { projectFlow, standing, createdBefore, createdAfter, updatedBefore, updatedAfter } = flags;
  return {
    ...(projectFlow === undefined ? {} : { projectFlow }),
    ...(standing === undefined ? {} : { standings: standing }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
    ...(createdAfter === undefined ? {} : { createdAfter }),
    ...(updatedBefore === undefined ? {} : { updatedBefore }),
    ...(updatedAfter === undefined ? {} : { updatedAfter }),
  };
};

type FileSource = Extract<BatchSource, { readonly kind: 'file' }>;

const sourceOf = (flags: RequestFlags, file: FileSource | undefined): BatchSource => {
  const { project, ids: given } = flags;
  const sources: readonly BatchSource[] = [
    ...(project === undefined ? [] : [{ kind: 'list' as const, project, ...narrowing(flags) }]),
    ...(given === undefined ? [] : [{ kind: 'ids' as const, ids: given }]),
    ...(file === undefined ? [] : [file]),
  ];
  const [source] = sources;
  if (source === undefined || sources.length > 1)
    throw wrongUsage({ field: '--project', expected: 'one of --project, --ids and --ids-file' });
  const [narrowed] = Object.keys(narrowing(flags));
  if (source.kind !== 'list' && narrowed !== undefined)
    throw wrongUsage({
      field: inKebab(narrowed === 'standings' ? 'standing' : narrowed),
      expected: 'it beside --project alone',
    });
  return source;
};

/** The request that the options ask for. @throws CliFailure naming the options. */
export const requestOf = (flags: RequestFlags, file?: FileSource): BatchRequestInput => {
  const { mode, assume, checks, rate, creditBudget, tariff, dryRun, deadlineDays } = flags;
  if (mode === undefined) throw wrongUsage({ field: '--mode', expected: BATCH_MODES.join(' or ') });
  const request: BatchRequestInput = {
    mode,
    source: sourceOf(flags, file),
    ...(assume === undefined ? {} : { assume }),
    ...(checks === undefined ? {} : { checks }),
    ...(rate === undefined ? {} : { callsPerSecond: rate }),
    ...(creditBudget === undefined ? {} : { creditBudget }),
    ...(tariff === undefined ? {} : { tariff }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(deadlineDays === undefined ? {} : { deadlineMs: deadlineDays * DAY_MS }),
  };
  orFail(E.mapLeft(asOptions)(decodeBatchRequest(request)));
  return request;
};
