import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { firstThatWorks } from '../finding.js';
import { findOnPath, installPackages, isExecutable } from '../packages.js';
import type { Progress } from '../progress.js';

/** The parent of Debian's PostgreSQL folders, one per version. They are not on PATH. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql';

/** The executables in use. All must come from the same version, and so from the same folder. */
const COMMANDS = ['postgres', 'initdb', 'psql'] as const;

export type PostgresCommand = (typeof COMMANDS)[number];

const requireCommands = async (directory: string): Promise<string> => {
  for (const command of COMMANDS)
    if (!(await isExecutable(join(directory, command)))) throw new Error(`${command} is missing in ${directory}`);
  return directory;
};

const onPath = async (): Promise<string> => {
  const path = await findOnPath('postgres');
  if (path === undefined) throw new Error('postgres is not on PATH');
  return requireCommands(dirname(await realpath(path)));
};

const newestOfDebian = async (): Promise<string> => {
  const versions = (await readdir(DEBIAN_VERSIONS).catch(() => [])).map(Number).filter(Number.isInteger);
  if (versions.length === 0) throw new Error(`nothing in ${DEBIAN_VERSIONS}`);
  return requireCommands(join(DEBIAN_VERSIONS, String(Math.max(...versions)), 'bin'));
};

export const findPostgres = (progress: Progress): Promise<string> =>
  firstThatWorks(
    'PostgreSQL',
    [
      { name: 'postgres on PATH', find: onPath },
      { name: "Debian's folders", find: newestOfDebian },
      {
        name: "Debian's package",
        find: async () => {
          await installPackages('PostgreSQL', ['postgresql'], progress);
          return newestOfDebian();
        },
      },
    ],
    'Install PostgreSQL 12 or later.',
    progress,
  );

/** Returns the user `postgres` if this process is root, because PostgreSQL refuses to run as root. */
export const postgresOwner = async (): Promise<{ readonly uid?: number; readonly gid?: number }> => {
  if (process.getuid?.() !== 0) return {};
  const { stdout = '' } = await execa('id', ['postgres'], { reject: false });
  const [, uid, gid] = stdout.match(/^uid=(\d+)\S* gid=(\d+)/) ?? [];
  if (uid === undefined)
    throw new Error(
      'PostgreSQL does not run as root, and the user postgres does not exist (adduser --system postgres)',
    );
  return { uid: Number(uid), gid: Number(gid) };
};
