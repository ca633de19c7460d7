import { join } from 'node:path';
import { execa } from 'execa';
import { exists, madeOnce } from './cache.js';
import { firstThatWorks, type Progress } from './finding.js';
import { ensureCommand } from './packages.js';

const VERSION = '4.32.5';

const DIRECTORY = `schemathesis-${VERSION}`;

/**
 * Called as a module of this Python: the scripts of a virtual environment contain its path, and `madeOnce` renames the
 * folder.
 */
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

/**
 * Finds schemathesis, which tests an HTTP API against its OpenAPI document. Returns the executable and its first
 * arguments.
 */
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
