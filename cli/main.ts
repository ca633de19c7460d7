#!/usr/bin/env node
import { COMMANDS } from './commands/index.js';
import { processContext } from './context.js';
import { CliFailure } from './failures.js';
import { runProgram, showFailure } from './program.js';

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

await runProgram(COMMANDS, context, args);
// Do not close the connection: the SDK retries abandoned calls on it, and its errors would not be caught.
process.stdout.write('', () => {
  // After a write error, the `error` event follows and ends the process.
  if (process.stdout.errored === null) process.exit();
});
