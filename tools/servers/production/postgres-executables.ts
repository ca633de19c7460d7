import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findOnPath, installPackages, mayRun } from '../packages.js';
import { firstThatWorks, type Progress, type Way } from '../ways.js';

/** Where Debian and its kin keep PostgreSQL: a folder for each version, none of them on PATH. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql';

/** What is run of PostgreSQL. They belong together: one version, one folder. */
const COMMANDS = ['postgres', 'initdb', 'psql'] as const;

export type PostgresCommand = (typeof COMMANDS)[number];

const whole = async (directory: string): Promise<string> => {
  for (const command of COMMANDS)
    if (!(await mayRun(join(directory, command)))) throw new Error(`there is no ${command} in ${directory}`);
  return directory;
};

const onPath: Way = {
  name: 'postgres on PATH',
  find: async () => {
    const path = await findOnPath('postgres');
    if (path === undefined) throw new Error('there is none');
    return whole(dirname(await realpath(path)));
  },
};

const newestOfDebian = async (): Promise<string> => {
  const versions = (await readdir(DEBIAN_VERSIONS).catch(() => [])).map(Number).filter(Number.isInteger);
  if (versions.length === 0) throw new Error(`nothing in ${DEBIAN_VERSIONS}`);
  return whole(join(DEBIAN_VERSIONS, String(Math.max(...versions)), 'bin'));
};

/** The folder that has PostgreSQL's executables. */
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

/** A user and its group, by their numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as. It refuses to run as root: there it is the user of this name, whom Debian's package brings along. Otherwise
 * it is ourselves, and the answer is undefined.
 */
export const postgresOwner = async (): Promise<Owner | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const number = async (option: '-u' | '-g'): Promise<number> => {
    const { stdout, exitCode } = await execa('id', [option, 'postgres'], { reject: false });
    if (exitCode !== 0)
      throw new Error(
        'PostgreSQL does not run as root, and there is no user named postgres (adduser --system postgres)',
      );
    return Number(stdout);
  };
  return { uid: await number('-u'), gid: await number('-g') };
};
