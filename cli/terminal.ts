import { clearScreenDown, moveCursor } from 'node:readline';
import { createInterface } from 'node:readline/promises';
import { stripVTControlCharacters, styleText } from 'node:util';
import { CliFailure } from './failures.js';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** The output of a command: results go to standard output, everything else to standard error. */
export interface Terminal {
  /** True if the command can ask questions. */
  readonly canAsk: boolean;
  /** True if the output is a terminal, and not a file or a pipe. */
  readonly isTerminal: boolean;
  /** True if the output can be overwritten. */
  readonly isLive: boolean;
  /** The width of the terminal, in characters; `undefined` in a file or a pipe, where lines are not shortened. */
  readonly columns: number | undefined;
  readonly style: (style: Style, text: string) => string;
  readonly line: (text: string) => void;
  /** Writes the result, or one of several, with `toJson`. */
  readonly json: (value: unknown) => void;
  readonly note: (text: string) => void;
}

function withTimesInMs(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() : value;
}

/** Writes a value as JSON on one line. Dates become ms since the Unix epoch. */
export const toJson = (value: unknown): string => JSON.stringify(value, withTimesInMs);

export const processTerminal = ({ stdin, stdout, stderr }: NodeJS.Process): Terminal => ({
  canAsk: stdin.isTTY === true && stderr.isTTY === true,
  isTerminal: stdout.isTTY === true,
  isLive: stdout.isTTY === true && process.env['TERM'] !== 'dumb',
  columns: stdout.isTTY === true ? stdout.columns : undefined,
  style: (style, text) => styleText(style, text, { stream: stdout }),
  line: (text) => void stdout.write(`${text}\n`),
  json: (value) => void stdout.write(`${toJson(value)}\n`),
  note: (text) => void stderr.write(`${text}\n`),
});

/** Returns a function that writes lines to a terminal in place of the lines that it wrote before. */
export const liveOutput = (output: NodeJS.WriteStream): ((lines: readonly string[]) => void) => {
  let written = '';
  let rows = 0;
  return (lines) => {
    const text = lines.join('\n');
    if (text === written) return;
    if (rows > 0) {
      moveCursor(output, 0, -rows);
      clearScreenDown(output);
    }
    output.write(`${text}\n`);
    // A long line wraps, and takes several rows.
    const rowsOf = (line: string) => Math.ceil(stripVTControlCharacters(line).length / (output.columns || 80));
    rows = lines.reduce((sum, line) => sum + Math.max(1, rowsOf(line)), 0);
    written = text;
  };
};

export type Ask = (question: string) => Promise<string>;

/**
 * Lets the user answer questions, which go to standard error.
 *
 * @throws CliFailure `interrupted` on Ctrl-C or the end of the input.
 */
export const promptUser = async <A>(questions: (ask: Ask) => Promise<A>): Promise<A> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new CliFailure('interrupted', 'nothing was done')));
  });
  // The interface also closes after the last question.
  closed.catch(() => undefined);
  try {
    return await questions((question) => Promise.race([lines.question(`${question} `), closed]));
  } finally {
    lines.close();
  }
};

export const confirm = (question: string): Promise<boolean> =>
  promptUser(async (ask) => /^y(es)?$/i.test((await ask(`${question} [y/N]`)).trim()));
