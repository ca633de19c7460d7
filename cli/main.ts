#!/usr/bin/env node
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
import type { CommandGroup } from './groups.js';
import { runProgram, tell } from './program.js';

/** In the order in which help shows them. */
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

/** Whoever reads has what they want, as `head` does, and is told nothing more. Anything else has lost the answer, as a full disk does. */
const endWithout = async (error: NodeJS.ErrnoException): Promise<never> => {
  if (error.code !== 'EPIPE') await tell(context, args, new CliFailure('failed', 'the output could not be written'));
  process.exit();
};

process.stdout.on('error', endWithout);
process.stderr.on('error', () => process.exit());

await runProgram(GROUPS, context, args);
// The connection is not closed: where a call was given up, the SDK would repeat it on the closed one, and throw where nobody catches it.
process.stdout.write('', () => {
  // What was lost is told by the event, which comes after this.
  if (process.stdout.errored === null) process.exit();
});
