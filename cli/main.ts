#!/usr/bin/env node
import type { CommandGroup } from './command.js';
import { addBatch } from './commands/batch.js';
import { addDoctor } from './commands/doctor.js';
import { addErase } from './commands/erase.js';
import { addList } from './commands/list.js';
import { addReRegister } from './commands/re-register.js';
import { addReview } from './commands/review.js';
import { addSchedule } from './commands/schedule.js';
import { addSignal } from './commands/signal.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addToken } from './commands/token.js';
import { addWatch } from './commands/watch.js';
import { addWithdraw } from './commands/withdraw.js';
import { processContext } from './context.js';
import { CliFailure } from './failures.js';
import { runProgram, showFailure } from './program.js';

/** In the order of the help. */
const GROUPS: readonly CommandGroup[] = [
  addStart,
  addToken,
  addStatus,
  addWatch,
  addList,
  addSignal,
  addReRegister,
  addReview,
  addWithdraw,
  addErase,
  addBatch,
  addSchedule,
  addDoctor,
];

const context = processContext();
const args = process.argv.slice(2);

/** Exits silently if the reader closed the pipe, as `head` does. Reports any other error: the output is incomplete. */
const exitOnOutputError = async (error: NodeJS.ErrnoException): Promise<never> => {
  if (error.code !== 'EPIPE')
    await showFailure(context, args, new CliFailure('failed', 'the output could not be written'));
  process.exit();
};

process.stdout.on('error', exitOnOutputError);
process.stderr.on('error', () => process.exit());

await runProgram(GROUPS, context, args);
// Do not close the connection: the SDK retries abandoned calls on it, and its errors would not be caught.
process.stdout.write('', () => {
  // After a write error, the `error` event follows and ends the process.
  if (process.stdout.errored === null) process.exit();
});
