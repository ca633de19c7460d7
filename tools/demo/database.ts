import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Opened } from '../processes/opened.js';

const isServed = async (socket: string): Promise<boolean> => {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
};

/** Listens on a socket with this name. Rejects if another process does. */
const claim = async (name: string): Promise<Server> => {
  // Linux has names without a file. Elsewhere, a crash leaves the file of the socket.
  const isFile = process.platform !== 'linux';
  const socket = isFile ? join(tmpdir(), `${name}.sock`) : `\0${name}`;
  if (isFile && !(await isServed(socket))) await rm(socket, { force: true });
  const server = createServer((connection) => connection.destroy());
  await once(server.listen(socket), 'listening');
  return server;
};

/** Returns the file's path without symbolic links, so that each file has one path. It need not exist. */
const realFile = async (file: string): Promise<string> => {
  const folder = await realpath(dirname(file)).catch(() => {
    throw new Error(`--db ${file}: the folder ${dirname(file)} does not exist`);
  });
  const path = join(folder, basename(file));
  return realpath(path).catch(() => path);
};

/**
 * Claims a database file for this process, because SQLite would let two Temporal servers write it. The claim is a
 * socket, which the operating system closes even after a crash. Returns the file's path.
 *
 * @throws Error if another demo has claimed it.
 */
export const claimDatabase = async (opened: Opened, db: string): Promise<string> => {
  const file = await realFile(db);
  const digest = createHash('sha256').update(file).digest('hex').slice(0, 16);
  const server = await claim(`verifik-onboarding-db-${digest}`).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`--db ${file}: another demo uses this file; stop it, or name another file`);
  });
  opened.onClose(async () => {
    server.close();
    await once(server, 'close');
  });
  return file;
};
