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
import type { CommandGroup } from './groups.js';
import { runProgram } from './program.js';

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

/** Whoever reads has what they want, as `head` does: there is nobody left to tell anything. */
const isClosed = (error: NodeJS.ErrnoException): boolean => error.code === 'EPIPE';

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (!isClosed(error)) throw error;
    process.exit();
  });

await runProgram(GROUPS, processContext(), process.argv.slice(2));
// The connection is not closed: where a call was given up, the SDK would repeat it on the closed one, and throw where nobody catches it.
process.stdout.write('', () => process.exit());
