import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../shared/folders.js';

const MAIN = new URL('../../dist/tools/demo/main.js', import.meta.url).pathname;

const HOME = mkdtempSync(join(tmpdir(), 'onboarding-home-'));

/** A cache of its own, so that a running demo of the developer keeps its file. It has the servers of the real cache. */
export const CACHE = join(HOME, 'cache');

/** The temporary folder of the demos. */
const TEMPORARY = join(HOME, 'tmp');

/** Marks the processes of these tests. They inherit it. */
const MARK = `START_TEST=${process.pid}-${Date.now()}`;

/** Settings of a user who works with another Temporal server, in the shell and in the home folder. */
export const SHELL = {
  ...{ HOME, XDG_CONFIG_HOME: join(HOME, '.config'), NODE_ENV: 'production', VERIFIK_ONBOARDING_CACHE: CACHE },
  TMPDIR: TEMPORARY,
  ...{
    TEMPORAL_API_KEY: 'other',
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere',
    TEMPORAL_ENV: 'other',
  },
  ...{ ONBOARDING_TASK_QUEUE: 'other', ONBOARDING_CONTACT_KEY_FILE: '/nowhere', ONBOARDING_ENCRYPTION_KEYS: '{}' },
  ...{ ONBOARDING_ENCRYPTION_KEYS_FILE: '/nowhere', ONBOARDING_CONFIG: '/nowhere' },
  ...{ GATEWAY_CONFIG: '/nowhere', CODEC_SERVER_CONFIG: '/nowhere', CODEC_SERVER_JWKS_URL: 'other' },
  // Set for all tests, to no file.
  TEMPORAL_CONFIG_FILE: '',
};

/** Settings that the command line prefers to the demo. */
const OTHER_SERVER = {
  TEMPORAL_CONFIG_FILE: join(HOME, '.config', 'temporalio', 'temporal.toml'),
  ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'other', TEMPORAL_PROFILE: 'other' },
  ...{ VERIFIK_BASE_URL: 'http://127.0.0.1:1', VERIFIK_CLIENT_TOKEN_FILE: '/nowhere' },
};

const CONFIGURATION = '[profile.default]\naddress = "127.0.0.1:1"\napi_key = "other"\n[profile.default.tls]\n';

/** Creates the home folder of the user. */
const createHome = (): void => {
  mkdirSync(join(HOME, '.config', 'temporalio'), { recursive: true });
  writeFileSync(join(HOME, '.config', 'temporalio', 'temporal.toml'), CONFIGURATION);
  mkdirSync(CACHE);
  mkdirSync(TEMPORARY);
  // Not the file of another demo that runs.
  for (const name of readdirSync(cacheFolder()).filter((one) => !one.startsWith('demo-')))
    symlinkSync(join(cacheFolder(), name), join(CACHE, name));
};

createHome();

export const run = (command: string, args: readonly string[], options: { readonly detached?: boolean } = {}) => {
  const [name = '', value] = MARK.split('=');
  const env = { ...SHELL, ...OTHER_SERVER, [name]: value };
  return execa(command, args, { reject: false, env, ...options });
};

export const start = (...args: string[]) => run(process.execPath, [MAIN, ...args]);

export const commandOf = (pid: string): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

/** Lists the processes that still run of all starts. */
export const stillRunning = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(MARK);
    } catch {
      return false;
    }
  });
