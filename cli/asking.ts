import { createInterface } from 'node:readline/promises';
import { CliFailure } from './failures.js';

/** One question to whoever sits at the terminal. */
export type Ask = (question: string) => Promise<string>;

/** Asks questions on standard error, so that standard output holds the answer alone. Ctrl-C or the end of the input ends the command. */
export const asking = async <A>(questions: (ask: Ask) => Promise<A>): Promise<A> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new CliFailure('interrupted', 'nothing was done')));
  });
  // After the last question it closes as well.
  ended.catch(() => undefined);
  try {
    return await questions((question) => Promise.race([lines.question(`${question} `), ended]));
  } finally {
    lines.close();
  }
};

/** True where the answer is yes. */
export const confirms = (question: string): Promise<boolean> =>
  asking(async (ask) => /^y(es)?$/i.test((await ask(`${question} [y/N]`)).trim()));
