import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Where the command's answers go: standard output for answers, standard error for all that is said beside them. */
export interface Terminal {
  /** True where somebody can be asked. */
  readonly canAsk: boolean;
  /** True where the answer is seen by a person, and kept nowhere. */
  readonly isTerminal: boolean;
  /** True where what was written may be written over. */
  readonly isLive: boolean;
  /** In colour where the output shows any. */
  readonly style: (style: Style, text: string) => string;
  /** A line of the answer. */
  readonly line: (text: string) => void;
  /** The answer, or one of several, as JSON on a line. */
  readonly json: (value: unknown) => void;
  /** Something beside the answer. */
  readonly note: (text: string) => void;
}

/** The terminal, or the files and pipes, that this process was given. */
export const processTerminal = ({ stdin, stdout, stderr }: NodeJS.Process): Terminal => ({
  canAsk: stdin.isTTY === true && stderr.isTTY === true,
  isTerminal: stdout.isTTY === true,
  isLive: stdout.isTTY === true && process.env['TERM'] !== 'dumb',
  style: (style, text) => styleText(style, text, { stream: stdout }),
  line: (text) => void stdout.write(`${text}\n`),
  json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
  note: (text) => void stderr.write(`${text}\n`),
});
