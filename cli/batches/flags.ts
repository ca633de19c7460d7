import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { BatchRequestInput, BatchSource } from '../../client/index.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { OUTCOMES } from '../../domain/outcomes.js';
import { CheckNameCodec, VendorId } from '../../domain/request.js';
import { BATCH_MODES, decodeBatchRequest } from '../../domain/revalidation/request.js';
import { REGISTRATION_STATUSES } from '../../domain/vendor-registration.js';
import { type FieldError, oneOf } from '../../shared/decoding.js';
import { count, listOf } from '../../shared/settings.js';
import { DAY_MS } from '../../shared/time.js';
import type { Described } from '../command.js';
import { orFail, wrongUsage } from '../failures.js';
import { Decimal, Moment } from './codecs.js';

/** The options of a batch request. */
export const REQUEST_OPTIONS: readonly Described[] = [
  { flags: '--mode <mode>', describe: 'audit: compare; reverify: repeat checks', choices: BATCH_MODES },
  { flags: '--project <id>', describe: "all registrations of this project in Verifik's list" },
  { flags: '--project-flow <id>', describe: 'only those of this project flow' },
  {
    flags: '--status <words>',
    describe: `only those with these statuses, separated by commas: ${REGISTRATION_STATUSES.join(', ')}`,
  },
  { flags: '--created-before <date>', describe: 'only those created before this date, such as 2026-01-31' },
  { flags: '--created-after <date>', describe: 'only those created after this date' },
  { flags: '--updated-before <date>', describe: 'only those updated before this date' },
  { flags: '--updated-after <date>', describe: 'only those updated after this date' },
  { flags: '--ids <ids>', describe: 'these registrations, separated by commas' },
  {
    flags: '--assume <outcome>',
    describe: 'audit: the outcome to compare with if no onboarding is known',
    choices: OUTCOMES,
  },
  { flags: '--checks <checks>', describe: `reverify: the checks to repeat: ${CHECK_NAMES.join(', ')}` },
  { flags: '--rate <n>', describe: 'the maximum calls to Verifik a second; default 10, minimum 0.017 (one a minute)' },
  { flags: '--credit-budget <n>', describe: 'reverify: the maximum number of credits' },
  { flags: '--tariff <prices>', describe: 'the prices of checks, such as email=1,biometric=4; default 1 each' },
  { flags: '--dry-run', describe: 'only count and price' },
  { flags: '--deadline-days <n>', describe: 'reverify: the days that each applicant has; default 30' },
];

const ids = listOf(VendorId, "Verifik's ids, separated by commas");

/** The filters of a list. */
const LIST_PROPS = {
  projectFlow: VendorId,
  status: listOf(oneOf(REGISTRATION_STATUSES), `some of ${REGISTRATION_STATUSES.join(', ')}, separated by commas`),
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
  checks: listOf(CheckNameCodec, `some of ${CHECK_NAMES.join(', ')}, separated by commas`),
  rate: Decimal,
  creditBudget: count(0, 1_000_000_000),
  tariff: Prices,
  dryRun: t.boolean,
  deadlineDays: count(1, 365),
});

export type RequestFlags = t.TypeOf<typeof RequestFlags>;

/** The option for each field of a request. */
const OPTION_OF: readonly (readonly [field: RegExp, option: string])[] = [
  [/^(batch|schedule)$/, '--id'],
  [/^source\.ids/, '--ids'],
  [/^source\.statuses/, '--status'],
  [/^callsPerSecond$/, '--rate'],
  [/^tariff/, '--tariff'],
  [/^checks/, '--checks'],
  [/^deadlineMs$/, '--deadline-days'],
  [/^jitterMs$/, '--jitter'],
  [/^catchupWindowMs$/, '--catch-up'],
];

const inKebab = (field: string): string =>
  `--${field.replace(/^source\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Renames the fields of a request's errors to options. */
export const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => {
    const own = field.replace(/^request\./, '');
    return { field: OPTION_OF.find(([pattern]) => pattern.test(own))?.[1] ?? inKebab(own), expected };
  });

/** Makes a call whose request the server may reject. @throws CliFailure naming the options. */
export const namingOptions = async <A>(call: () => Promise<A>): Promise<A> => {
  const { OnboardingError } = await import('../../client/index.js');
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnboardingError && error.fields.length > 0) throw wrongUsage(...asOptions(error.fields));
    throw error;
  }
};

const filtersOf = (flags: RequestFlags) => {
  const { projectFlow, status, createdBefore, createdAfter, updatedBefore, updatedAfter } = flags;
  return {
    ...(projectFlow === undefined ? {} : { projectFlow }),
    ...(status === undefined ? {} : { statuses: status }),
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
    ...(project === undefined ? [] : [{ kind: 'list' as const, project, ...filtersOf(flags) }]),
    ...(given === undefined ? [] : [{ kind: 'ids' as const, ids: given }]),
    ...(file === undefined ? [] : [file]),
  ];
  const [source] = sources;
  if (source === undefined || sources.length > 1)
    throw wrongUsage({ field: '--project', expected: 'one of --project, --ids and --ids-file' });
  const [filter] = Object.keys(filtersOf(flags));
  if (source.kind !== 'list' && filter !== undefined)
    throw wrongUsage({
      field: inKebab(filter === 'statuses' ? 'status' : filter),
      expected: 'this option only together with --project',
    });
  return source;
};

/** Builds the request from the options. @throws CliFailure naming the options. */
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
