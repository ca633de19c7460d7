import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { firstThatWorks, type Progress, type Way } from '../finding.js';
import { findOnPath, installPackages, isExecutable } from '../packages.js';

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

const onPath: Way = {
  name: 'postgres on PATH',
  find: async () => {
    const path = await findOnPath('postgres');
    if (path === undefined) throw new Error('postgres is not on PATH');
    return requireCommands(dirname(await realpath(path)));
  },
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
      onPath,
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

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Returns the user `postgres` if this process is root, because PostgreSQL refuses to run as root; otherwise undefined.
 */
export const postgresOwner = async (): Promise<Owner | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const number = async (option: '-u' | '-g'): Promise<number> => {
    const { stdout, exitCode } = await execa('id', [option, 'postgres'], { reject: false });
    if (exitCode !== 0)
      throw new Error(
        'PostgreSQL does not run as root, and the user postgres does not exist (adduser --system postgres)',
      );
    return Number(stdout);
  };
  return { uid: await number('-u'), gid: await number('-g') };
};
