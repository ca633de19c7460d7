import type { Command } from 'commander';
import type { CliContext } from './context.js';

/** Adds one command, or some that belong together. */
export type CommandGroup = (program: Command, context: CliContext) => void;
