import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs a command on a pseudo-terminal, and ends as it does. */
const ON_A_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

export type Env = Readonly<Record<string, string>>;

/** What a run of the command came to. On a terminal, both outputs are one. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command with its output in pipes, and something or nothing at its input. */
export const inPipes = async (args: readonly string[], env: Env = {}, input = ''): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], { env, input, reject: false });
  return { exitCode, stdout, stderr };
};

/** The command at a pseudo-terminal. */
export interface AtTerminal {
  /** All that was written so far. */
  readonly screen: () => string;
  /** Types a line. */
  readonly type: (line: string) => void;
  readonly press: (keys: string) => void;
  readonly ended: Promise<Ended>;
  readonly kill: () => void;
}

export const atTerminal = (args: readonly string[], env: Env = {}): AtTerminal => {
  const command = [process.execPath, MAIN, ...args];
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
