import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { ListedBatch } from '../../client/index.js';
import { BATCH_STATUSES } from '../../domain/revalidation/progress.js';
import { decodeRate } from '../../domain/revalidation/request.js';
import { oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { Decimal } from '../batches/codecs.js';
import { batchLines, rateText } from '../batches/format.js';
import { report } from '../batches/report.js';
import { start } from '../batches/start.js';
import { watchBatch } from '../batches/watch.js';
import { type AddCommand, command, flag, group, option } from '../command.js';
import { CliFailure, onClientError, orFail } from '../failures.js';
import { plain, relativeShort } from '../format/text.js';
import { LIMIT_OPTION, listedStatus, showList } from '../listing.js';
import { BATCH_ARGUMENT, idOf } from '../references.js';

const status = command({
  name: 'status',
  describe: 'Show the progress of a batch, its results, and the estimated time left.',
  args: [BATCH_ARGUMENT],
  examples: {
    'verifik-onboarding batch status 2026-06-audit': 'As text.',
    'verifik-onboarding batch status 2026-06-audit --json | jq .scan.counts': 'As JSON.',
  },
  run: async ({ args, call, show }, { terminal, connectBatches }) => {
    const batch = idOf(args, 'batch');
    const { batches } = await connectBatches(call);
    const progress = await batches.progress(batch);
    show(progress, batchLines(progress, terminal.style, Date.now()));
  },
});

const watch = command({
  name: 'watch',
  describe: 'Follow a batch to its end. Waits for days unless --timeout says otherwise.',
  args: [BATCH_ARGUMENT],
  examples: {
    'verifik-onboarding batch watch 2026-06-audit':
      'On a terminal: a bar with counts. Otherwise: a line at most every 10 seconds.',
    'verifik-onboarding batch watch 2026-06-audit --json':
      'Each update as a line of JSON. The last one contains the result.',
  },
  run: async ({ args, json, call }, context) => {
    const batch = idOf(args, 'batch');
    const { batches } = await context.connectBatches();
    await watchBatch(context, batches, batch, json, call);
  },
});

const rowOf = (one: ListedBatch, now: number): readonly string[] => [
  plain(one.batch),
  `${one.mode ?? ''}${one.dryRun === true ? ' (dry run)' : ''}`,
  listedStatus(one),
  relativeShort(one.startedAt.getTime(), now),
  one.endedAt === undefined ? '' : relativeShort(one.endedAt.getTime(), now),
];

const list = command({
  name: 'list',
  describe: "List batches, running and ended, newest first. Temporal's list may lag behind by a second.",
  options: {
    status: option('<status>', 'only those with this status', oneOf(BATCH_STATUSES)),
    running: flag('only those that are running'),
    limit: LIMIT_OPTION,
  },
  examples: {
    'verifik-onboarding batch list --running': 'The running batches.',
    'verifik-onboarding batch list --json | jq -r .batch': 'One line of JSON for each.',
  },
  run: async ({ options: { limit, ...filter }, json, call }, { terminal, connectBatches }) => {
    const { batches } = await connectBatches(call);
    await showList(terminal, json, {
      items: batches.list(filter),
      head: ['batch', 'mode', 'status', 'started', 'ended'],
      rowOf,
      none: 'No batches found.',
      ...defined({ limit }),
    });
  },
});

/** Makes a call that only a running batch accepts. @throws CliFailure `refused` if the batch has ended. */
const ifRunning = <A>(call: () => Promise<A>): Promise<A> =>
  onClientError(call, 'AlreadyEnded', () => {
    throw new CliFailure('refused', 'The batch has already ended: see its status or its report.');
  });

const signal = (name: 'pause' | 'resume', describe: string, confirmation: string): AddCommand =>
  command({
    name,
    describe,
    args: [BATCH_ARGUMENT],
    examples: { [`verifik-onboarding batch ${name} 2026-06-audit`]: describe },
    run: async ({ args, call, show }, { connectBatches }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(call);
      await ifRunning(() => batches[name](batch));
      show({ batch }, [`${plain(batch)} ${confirmation}.`]);
    },
  });

const readRate = (given: string | undefined): number =>
  orFail(
    pipe(
      Decimal.decode(given),
      E.getOrElse(() => Number.NaN),
      decodeRate,
      E.mapLeft((errors) => errors.map(({ expected }) => ({ field: 'rate', expected }))),
    ),
  );

const rate = command({
  name: 'rate',
  describe: 'Set the maximum number of calls a second that a batch makes to Verifik.',
  args: [BATCH_ARGUMENT, { name: 'rate', describe: 'calls a second; minimum 0.017, one a minute' }],
  examples: { 'verifik-onboarding batch rate 2026-06-audit 2.5': 'Five calls in two seconds.' },
  run: async ({ args, call, show }, { connectBatches }) => {
    const batch = idOf(args, 'batch');
    const requested = readRate(args[1]);
    const { batches } = await connectBatches(call);
    const { callsPerSecond } = await ifRunning(() => batches.changeRate(batch, requested));
    show({ batch, callsPerSecond }, [`${plain(batch)} makes at most ${rateText(callsPerSecond)}.`]);
  },
});

const cancel = command({
  name: 'cancel',
  describe: 'Cancel a batch. Its report contains the results so far.',
  args: [BATCH_ARGUMENT],
  options: { withdraw: flag('withdraw the running onboardings of the batch') },
  examples: {
    'verifik-onboarding batch cancel 2026-06-reverify': 'The onboardings of the batch continue.',
    'verifik-onboarding batch cancel 2026-06-reverify --withdraw': 'The onboardings of the batch are withdrawn.',
  },
  run: async ({ args, options: { withdraw = false }, call, show }, { connectBatches }) => {
    const batch = idOf(args, 'batch');
    const onboardings = withdraw ? 'withdraw' : 'keep';
    const { batches } = await connectBatches(call);
    await ifRunning(() => batches.cancel(batch, { onboardings }));
    const line = `The cancellation was requested. Follow it with: verifik-onboarding batch status ${plain(batch)}`;
    show({ batch, onboardings }, [line]);
  },
});

export const batch = group('batch', 'Re-validate many registrations: compare them, or ask the applicants again.', [
  ...[start, status, watch, list, report],
  signal('pause', 'Pause a batch. Its onboardings continue.', 'is pausing'),
  signal('resume', 'Resume a paused batch.', 'is resuming'),
  ...[rate, cancel],
]);
