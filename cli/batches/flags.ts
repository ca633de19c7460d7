import * as E from 'fp-ts/lib/Either.js';
import type { BatchRequestInput, BatchSource } from '../../client/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, REGISTRATION_ID, registrationIdOf, VendorId } from '../../domain/ids.js';
import { OUTCOMES } from '../../domain/outcomes.js';
import { BATCH_MODES, DueWithin, decodeBatchRequest } from '../../domain/revalidation/request.js';
import { REGISTRATION_STATUSES } from '../../domain/vendor-registration.js';
import { eitherOf, type FieldError, oneOf, refined } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { count, listOf } from '../../shared/settings.js';
import { DAY_MS } from '../../shared/time.js';
import { flag, flagOf, type OptionValues, option } from '../command.js';
import { onClientError, orFail, wrongUsage } from '../failures.js';
import { Decimal, durationFor, Moment, Prices } from './codecs.js';

/** As strict as a file of ids: anything else, such as a phone number, would be sent to Verifik. */
const RegistrationId = refined(VendorId, REGISTRATION_ID, (text) => registrationIdOf(text) !== undefined);

/** The options of a batch request. */
export const REQUEST_OPTIONS = {
  mode: option('<mode>', 'audit: compare; reverify: repeat checks', oneOf(BATCH_MODES)),
  project: option(
    '<id>',
    "all registrations of this project in Verifik's list; with another source, the project of its registrations",
    VendorId,
  ),
  projectFlow: option('<id>', 'only those of this project flow', VendorId),
  status: option(
    '<words>',
    `only those with these statuses, separated by commas: ${REGISTRATION_STATUSES.join(', ')}`,
    listOf(oneOf(REGISTRATION_STATUSES), `some of ${eitherOf(REGISTRATION_STATUSES)}, separated by commas`),
  ),
  createdBefore: option('<date>', 'only those created before this date, such as 2026-01-31', Moment),
  createdAfter: option('<date>', 'only those created after this date', Moment),
  updatedBefore: option('<date>', 'only those updated before this date', Moment),
  updatedAfter: option('<date>', 'only those updated after this date', Moment),
  dueWithin: option(
    '<duration>',
    'the customers whose outcome here is valid for less than this time, such as 30d, or no longer',
    durationFor(DueWithin),
  ),
  ids: option(
    '<ids>',
    'these registrations, separated by commas',
    listOf(RegistrationId, `${REGISTRATION_ID}; several separated by commas`),
  ),
  assume: option('<outcome>', 'audit: the outcome to compare with if no onboarding is known', oneOf(OUTCOMES)),
  checks: option(
    '<checks>',
    `reverify: the checks to repeat: ${CHECK_NAMES.join(', ')}`,
    listOf(CheckNameCodec, `some of ${eitherOf(CHECK_NAMES)}, separated by commas`),
  ),
  rate: option('<n>', 'the maximum calls to Verifik a second; default 10, minimum 0.017 (one a minute)', Decimal),
  creditBudget: option('<n>', 'reverify: the maximum number of credits', count(0, 1_000_000_000)),
  tariff: option('<prices>', 'the prices of checks, such as email=1,biometric=4; default 1 each', Prices),
  dryRun: flag('only count and price'),
  deadlineDays: option('<n>', 'reverify: the days that each applicant has; default 30', count(1, 365)),
};

type RequestFlags = OptionValues<typeof REQUEST_OPTIONS>;

/** The option for each field of a request. */
const OPTION_OF: readonly (readonly [field: RegExp, option: string])[] = [
  [/^(batch|schedule)$/, '--id'],
  [/^source\.ids/, '--ids'],
  [/^source\.statuses/, '--status'],
  [/^source\.withinMs$/, '--due-within'],
  [/^callsPerSecond$/, '--rate'],
  [/^tariff/, '--tariff'],
  [/^checks/, '--checks'],
  [/^deadlineMs$/, '--deadline-days'],
  [/^jitterMs$/, '--jitter'],
  [/^catchupWindowMs$/, '--catch-up'],
];

/** Renames the fields of a request's errors to options. */
export const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => {
    const own = field.replace(/^request\./, '');
    return {
      field: OPTION_OF.find(([pattern]) => pattern.test(own))?.[1] ?? flagOf(own.replace(/^source\./, '')),
      expected: expected.replace(/\b[a-z]+[A-Z]\w+/g, (name) => (name in REQUEST_OPTIONS ? flagOf(name) : name)),
    };
  });

/** Makes a call whose request the server may reject. @throws CliFailure naming the options. */
export const namingOptions = <A>(call: () => Promise<A>): Promise<A> =>
  onClientError(call, 'InvalidRequest', (error) => {
    throw error.fields.length > 0 ? wrongUsage(...asOptions(error.fields)) : error;
  });

type FileSource = Extract<BatchSource, { readonly kind: 'file' }>;

const sourceOf = (flags: RequestFlags, file: FileSource | undefined): BatchSource => {
  const { project, projectFlow, status, createdBefore, createdAfter, updatedBefore, updatedAfter, dueWithin, ids } =
    flags;
  const filters = defined({ projectFlow, status, createdBefore, createdAfter, updatedBefore, updatedAfter });
  const { status: statuses, ...others } = filters;
  const sources: readonly (BatchSource | undefined)[] = [
    project === undefined || dueWithin !== undefined || ids !== undefined || file !== undefined
      ? undefined
      : { kind: 'list', project, ...others, ...defined({ statuses }) },
    dueWithin === undefined
      ? undefined
      : { kind: 'dueBefore', withinMs: dueWithin, ...defined({ project, projectFlow }) },
    ids && { kind: 'ids', ids, ...defined({ project }) },
    file && { ...file, ...defined({ project }) },
  ];
  const [source, another] = sources.filter((given) => given !== undefined);
  if (source === undefined || another !== undefined)
    throw wrongUsage({ field: '--project', expected: 'one of --project, --due-within, --ids and --ids-file' });
  const [filter] = Object.keys(filters).filter((name) => source.kind !== 'dueBefore' || name !== 'projectFlow');
  if (source.kind !== 'list' && filter !== undefined)
    throw wrongUsage({
      field: flagOf(filter),
      expected: 'this option only together with --project, and without another source',
    });
  return source;
};

/** Builds the request from the options. @throws CliFailure naming the options. */
export const requestOf = (flags: RequestFlags, file?: FileSource): BatchRequestInput => {
  const { mode, assume, checks, rate, creditBudget, tariff, dryRun, deadlineDays } = flags;
  if (mode === undefined) throw wrongUsage({ field: '--mode', expected: eitherOf(BATCH_MODES) });
  const deadlineMs = deadlineDays && deadlineDays * DAY_MS;
  const request: BatchRequestInput = {
    mode,
    source: sourceOf(flags, file),
    ...defined({ assume, checks, callsPerSecond: rate, creditBudget, tariff, dryRun, deadlineMs }),
  };
  orFail(E.mapLeft(asOptions)(decodeBatchRequest(request)));
  return request;
};
