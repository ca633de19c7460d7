import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { BatchClient } from '../../client/index.js';
import { decodeRate } from '../../domain/revalidation/request.js';
import { addCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { orFail } from '../failures.js';
import { plain } from '../format/text.js';
import { Decimal } from './codecs.js';
import { BATCH_ARGUMENT, connectBatches, idOf, ifRunning } from './connect.js';

const None = t.type({});

const addSignal = (
  group: Command,
  context: CliContext,
  name: 'pause' | 'resume',
  describe: string,
  confirmation: string,
): void =>
  addCommand(group, {
    name,
    describe,
    args: [BATCH_ARGUMENT],
    codec: None,
    examples: [[`onboarding batch ${name} 2026-06-audit`, describe]],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(context, { timeoutMs });
      await ifRunning(() => batches[name](batch));
      if (json) return context.terminal.json({ batch });
      context.terminal.line(`${plain(batch)} ${confirmation}.`);
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

const addRate = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'rate',
    describe: 'Set the maximum number of calls a second that a batch makes to Verifik.',
    args: [BATCH_ARGUMENT, { flags: '[rate]', describe: 'calls a second; minimum 0.017, one a minute' }],
    codec: None,
    examples: [['onboarding batch rate 2026-06-audit 2.5', 'Five calls in two seconds.']],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const rate = readRate(args[1]);
      const { batches } = await connectBatches(context, { timeoutMs });
      const { callsPerSecond } = await ifRunning(() => batches.changeRate(batch, rate));
      if (json) return context.terminal.json({ batch, callsPerSecond });
      context.terminal.line(`${plain(batch)} makes at most ${callsPerSecond} calls a second.`);
    },
  });

const cancel = (batches: BatchClient, batch: string, withdraw: boolean): Promise<void> =>
  ifRunning(() => batches.cancel(batch, { onboardings: withdraw ? 'withdraw' : 'keep' }));

const addCancel = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'cancel',
    describe: 'Cancel a batch. Its report contains the results so far.',
    args: [BATCH_ARGUMENT],
    options: [{ flags: '--withdraw', describe: 'withdraw the running onboardings of the batch' }],
    codec: t.partial({ withdraw: t.boolean }),
    examples: [
      ['onboarding batch cancel 2026-06-reverify', 'The onboardings of the batch continue.'],
      ['onboarding batch cancel 2026-06-reverify --withdraw', 'The onboardings of the batch are withdrawn.'],
    ],
    run: async ({ args, options: { withdraw = false, json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(context, { timeoutMs });
      await cancel(batches, batch, withdraw);
      if (json) return context.terminal.json({ batch, onboardings: withdraw ? 'withdraw' : 'keep' });
      context.terminal.line(`The cancellation was requested. Follow it with: onboarding batch status ${plain(batch)}`);
    },
  });

/** Adds `onboarding batch pause`, `resume`, `rate` and `cancel`. */
export const addBatchControl = (group: Command, context: CliContext): void => {
  addSignal(group, context, 'pause', 'Pause a batch. Its onboardings continue.', 'is pausing');
  addSignal(group, context, 'resume', 'Resume a paused batch.', 'is resuming');
  addRate(group, context);
  addCancel(group, context);
};
