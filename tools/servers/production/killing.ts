import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import type { ServerProcess } from '../processes.js';

const POLL_INTERVAL_MS = 10;

const childrenOf = async (parent: number): Promise<readonly number[]> => {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
};

/** True if any process still runs. A zombie holds no resources. */
const anyRunning = async (pids: readonly number[]): Promise<boolean> => {
  const { stdout } = await execa('ps', ['-o', 'stat=', '-p', pids.join(',')], { reject: false });
  return stdout.split('\n').some((state) => state !== '' && !state.startsWith('Z'));
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has already exited.
  }
};

/**
 * Kills a process and its children, and resolves when none of them runs. PostgreSQL's children are in their own process
 * groups. Survivors would hold the shared memory, and PostgreSQL would not start again.
 */
export const killWithChildren = async (server: ServerProcess): Promise<void> => {
  if (server.lastWords() !== undefined) return;
  // A stopped process starts no further children.
  send(server.pid, 'SIGSTOP');
  const children = await childrenOf(server.pid);
  for (const child of children) send(child, 'SIGKILL');
  await server.kill();
  while (children.length > 0 && (await anyRunning(children))) await pause(POLL_INTERVAL_MS);
};
