import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import type { ServerProcess } from '../processes.js';

const LOOK_AGAIN_MS = 10;

const childrenOf = async (parent: number): Promise<readonly number[]> => {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
};

/** Those that still run. One that has ended and that nobody has asked about holds nothing any more. */
const running = async (pids: readonly number[]): Promise<boolean> => {
  const { stdout } = await execa('ps', ['-o', 'stat=', '-p', pids.join(',')], { reject: false });
  return stdout.split('\n').some((state) => state !== '' && !state.startsWith('Z'));
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
};

/**
 * Ends a process and its children at once, and answers when none of them runs. PostgreSQL's are in process groups of their own, and
 * those that outlive it hold its shared memory, with which it would not start again.
 */
export const killWithChildren = async (server: ServerProcess): Promise<void> => {
  if (server.lastWords() !== undefined) return;
  // One that stands still begets no more.
  send(server.pid, 'SIGSTOP');
  const children = await childrenOf(server.pid);
  for (const child of children) send(child, 'SIGKILL');
  await server.kill();
  while (children.length > 0 && (await running(children))) await pause(LOOK_AGAIN_MS);
};
