import type { AddCommand } from '../command.js';
import { batch } from './batch.js';
import { contract } from './contract.js';
import { doctor } from './doctor.js';
import { erase } from './erase.js';
import { events, replay } from './events.js';
import { evidence } from './evidence.js';
import { hold } from './hold.js';
import { list } from './list.js';
import { reRegister, signal, status, token, withdraw } from './onboarding.js';
import { review } from './review.js';
import { schedule } from './schedule.js';
import { setup } from './setup.js';
import { start } from './start.js';
import { watch } from './watch.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly AddCommand[] = [
  ...[start, token, status, watch, events, list, signal, reRegister, review, withdraw, replay, evidence, erase, hold],
  ...[batch, schedule, setup, doctor, contract],
];
