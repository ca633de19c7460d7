import { join } from 'node:path';
import { execa } from 'execa';
import { exists, madeOnce } from './cache.js';
import { ensureCommand } from './packages.js';
import { firstThatWorks, type Progress } from './ways.js';

const VERSION = '4.32.5';

const DIRECTORY = `schemathesis-${VERSION}`;

/** An environment of its own. It is filled in another place than it stays in, so that what is called is Python, not its scripts. */
const PYTHON = join('bin', 'python');

const HELP =
  'Install Python 3.10 or later with its venv module (on Debian: apt-get install python3-venv). Only one test needs it.';

const install =
  (progress: Progress) =>
  async (target: string): Promise<void> => {
    const python = await ensureCommand('python3', ['python3', 'python3-venv'], progress);
    progress(`Installing schemathesis ${VERSION}; this happens once`);
    await execa(python, ['-m', 'venv', target]);
    await execa(join(target, PYTHON), ['-m', 'pip', 'install', '--quiet', `schemathesis==${VERSION}`]);
  };

/** How schemathesis is called, which tries an HTTP API against its OpenAPI document: the Python that has it, and its first arguments. */
export const findSchemathesis = async (progress: Progress): Promise<readonly [string, ...string[]]> => {
  const python = await firstThatWorks(
    'schemathesis',
    [
      {
        name: 'pip, into an environment of its own in the cache',
        find: async () => {
          const path = join(await madeOnce(DIRECTORY, install(progress)), PYTHON);
          if (await exists(path)) return path;
          throw new Error(`nothing at ${path}`);
        },
      },
    ],
    HELP,
    progress,
  );
  return [python, '-m', 'schemathesis.cli'];
};
