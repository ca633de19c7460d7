import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { BatchClient } from '../../client/index.js';
import { decodeRate } from '../../domain/revalidation/request.js';
import { addCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { orFail } from '../failures.js';
import { plain } from '../showing/plain.js';
import { Decimal } from './reading.js';
import { BATCH_ARGUMENT, connectBatches, idOf, whileItRuns } from './tools.js';

const None = t.type({});

const addSignal = (
  group: Command,
  context: CliContext,
  name: 'pause' | 'resume',
  describe: string,
  told: string,
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
      await whileItRuns(() => batches[name](batch));
      if (json) return context.terminal.json({ batch });
      context.terminal.line(`${plain(batch)} ${told}.`);
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
    describe: 'Set how many calls a second a batch may make to Verifik.',
    args: [BATCH_ARGUMENT, { flags: '[rate]', describe: 'calls a second: 0.017, one a minute, at least' }],
    codec: None,
    examples: [['onboarding batch rate 2026-06-audit 2.5', 'Five calls in two seconds.']],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const rate = readRate(args[1]);
      const { batches } = await connectBatches(context, { timeoutMs });
      const { callsPerSecond } = await whileItRuns(() => batches.changeRate(batch, rate));
      if (json) return context.terminal.json({ batch, callsPerSecond });
      context.terminal.line(`${plain(batch)} makes at most ${callsPerSecond} calls a second.`);
    },
  });

const cancel = (batches: BatchClient, batch: string, withdraw: boolean): Promise<void> =>
  whileItRuns(() => batches.cancel(batch, { onboardings: withdraw ? 'withdraw' : 'keep' }));

const addCancel = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'cancel',
    describe: 'End a batch where it stands. Its report says what was done until then.',
    args: [BATCH_ARGUMENT],
    options: [{ flags: '--withdraw', describe: 'withdraw the onboardings that it has begun and that are running' }],
    codec: t.partial({ withdraw: t.boolean }),
    examples: [
      ['onboarding batch cancel 2026-06-reverify', 'The onboardings that it has begun go on.'],
      ['onboarding batch cancel 2026-06-reverify --withdraw', 'They are withdrawn.'],
    ],
    run: async ({ args, options: { withdraw = false, json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(context, { timeoutMs });
      await cancel(batches, batch, withdraw);
      if (json) return context.terminal.json({ batch, onboardings: withdraw ? 'withdraw' : 'keep' });
      context.terminal.line(
        `The cancellation was asked for. What comes of it: onboarding batch status ${plain(batch)}`,
      );
    },
  });

/** `onboarding batch pause`, `resume`, `rate` and `cancel`. */
export const addBatchSteering = (group: Command, context: CliContext): void => {
  addSignal(group, context, 'pause', 'Hold a batch. Onboardings that it has begun go on.', 'is told to pause');
  addSignal(group, context, 'resume', 'Let a paused batch go on.', 'is told to go on');
  addRate(group, context);
  addCancel(group, context);
};
