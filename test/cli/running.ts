import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { COMMANDS } from '../../cli/commands/index.js';
import { processContext } from '../../cli/context.js';
import { EXITS } from '../../cli/exit-codes.js';
import { runProgram } from '../../cli/program.js';
import { type Terminal, toJson } from '../../cli/terminal.js';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs a command on a pseudo-terminal, and exits with its code. */
const ON_A_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** Writes a file for an option, and returns its path. Anything but text and bytes is written as JSON. */
export const fileWith = (content: unknown): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-cli-')), 'file.json');
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
};

export type Env = Readonly<Record<string, string>>;

/** The result of a command. On a terminal, `stdout` contains both outputs. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command with pipes. */
export const inPipes = async (args: readonly string[], env: Env = {}, input = ''): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], { env, input, reject: false });
  return { exitCode, stdout, stderr };
};

/** Sets environment variables of this process, and returns a function that restores the former ones. */
export const useEnv = (env: Env): (() => void) => {
  const before = { ...process.env };
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(process.env)) if (before[name] === undefined) delete process.env[name];
    Object.assign(process.env, before);
  };
};

/**
 * Runs the command in the process of the test, as in pipes and with its environment: a process of its own takes half a
 * second of a core. It must not read standard input, write a report to standard output, or time out, which leaves a
 * call behind.
 */
export const inThisProcess = async (args: readonly string[]): Promise<Ended> => {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  let exitCode: number = EXITS.ok.code;
  const line: Terminal['line'] = (text) => void stdout.push(text);
  const terminal: Terminal = {
    ...{ canAsk: false, isTerminal: false, isLive: false, columns: undefined },
    style: (_style, text) => text,
    line,
    json: (value) => line(toJson(value)),
    note: (text) => void stderr.push(text),
  };
  const exitWith = (exit: keyof typeof EXITS) => {
    exitCode = EXITS[exit].code;
  };
  await runProgram(COMMANDS, { ...processContext(), terminal, exitWith }, args);
  return { exitCode, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
};

/** A command on a pseudo-terminal. */
export interface AtTerminal {
  /** Returns all output so far. */
  readonly screen: () => string;
  readonly type: (line: string) => void;
  readonly press: (keys: string) => void;
  readonly ended: Promise<Ended>;
  readonly kill: () => void;
}

/** Runs a program on a pseudo-terminal. */
export const onTerminal = (command: readonly string[], env: Env = {}): AtTerminal => {
  const running = execa('python3', ['-c', ON_A_TERMINAL, ...command], {
    env: { ...env, TERM: 'xterm' },
    reject: false,
  });
  let screen = '';
  running.stdout.on('data', (text: Buffer) => {
    screen += text.toString();
  });
  const press = (keys: string) => void running.stdin.write(keys);
  return {
    screen: () => screen,
    type: (line) => press(`${line}\n`),
    press,
    ended: running.then(({ exitCode }) => ({ exitCode, stdout: screen, stderr: '' })),
    kill: () => void running.kill('SIGKILL'),
  };
};

export const atTerminal = (args: readonly string[], env: Env = {}): AtTerminal =>
  onTerminal([process.execPath, MAIN, ...args], env);
