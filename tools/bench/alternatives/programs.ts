import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type ServerProcess, startProcess } from '../../servers/index.js';

/** `restate`: a virtual object of Restate; `dbos`: a workflow of DBOS; `jobs`: a status table with a job queue. */
export const ALTERNATIVES = ['restate', 'dbos', 'jobs'] as const;

export type AlternativeName = (typeof ALTERNATIVES)[number];

export interface AlternativeOptions {
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  /** Returns the URL of an empty PostgreSQL database. Not called for `restate`, which stores its own data. */
  readonly databaseUrl: (name: AlternativeName) => string | Promise<string>;
  /** Receives the output of all processes, appended. */
  readonly logFile: string;
}

// The compiler does not copy the programs of the alternatives to `dist/`.
const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './' : '../../../../tools/bench/alternatives/', import.meta.url),
);

export const folderOf = (alternative: string): string => join(FOLDER, alternative);

const modifiedAt = async (file: string): Promise<number> =>
  (await stat(file).catch(() => undefined))?.mtimeMs ?? Number.NEGATIVE_INFINITY;

/** Installs the packages of the lockfile, unless they are up to date. Does not run install scripts. */
export const install = async (alternative: string): Promise<void> => {
  const cwd = folderOf(alternative);
  const installedAt = await modifiedAt(join(cwd, 'node_modules', '.package-lock.json'));
  if (installedAt >= (await modifiedAt(join(cwd, 'package-lock.json')))) return;
  await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
};

/** Starts the program of an alternative. Returns before it serves. */
export const startProgram = (
  name: AlternativeName,
  { verifikBaseUrl, clientToken, logFile }: AlternativeOptions,
  port: number,
  env: Readonly<Record<string, string>>,
): ServerProcess =>
  startProcess(process.execPath, ['main.js'], {
    cwd: folderOf(name),
    logFile,
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      VERIFIK_BASE_URL: verifikBaseUrl,
      VERIFIK_CLIENT_TOKEN: clientToken,
      ...env,
    },
  });
