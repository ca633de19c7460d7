import { withoutSettings } from '../shared/config.js';
import { isAlive, readRunningDemos } from '../shared/running-demo.js';
import { CONFIG_FILE_VARIABLE, SETTINGS } from './config.js';

/** Each of these variables names a server or its settings, and rules out the demo. */
const EXPLICIT = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  CONFIG_FILE_VARIABLE,
];

const VERIFIK = [
  SETTINGS.verifikBaseUrl,
  SETTINGS.verifikClientToken,
  SETTINGS.verifikClientTokenFile,
  SETTINGS.verifikAccountsFile,
];

/** Returns the variables for Verifik if one is set. Calls can cost credits, so the demo replaces none then. */
const verifikIn = (env: NodeJS.ProcessEnv): Record<string, string> | undefined => {
  const entries = VERIFIK.map((setting) => [setting.env, env[setting.env] ?? ''] as const);
  return entries.some(([, value]) => value !== '') ? Object.fromEntries(entries) : undefined;
};

/**
 * Replaces the settings in an environment by those of the newest demo (`npm start`) that runs in this checkout, if no
 * variable says otherwise. `optionOf` names the options that have set variables.
 */
export const useRunningDemo = (
  env: NodeJS.ProcessEnv,
  note: (text: string) => void,
  optionOf: ReadonlyMap<string, string> = new Map(),
): void => {
  const demos = readRunningDemos(env);
  const running = demos.filter(isAlive);
  const [demo = demos[0]] = running;
  if (demo === undefined) return;
  const source = `npm start, pid ${demo.pid}`;
  const explicit = EXPLICIT.find((name) => env[name]);
  if (explicit !== undefined) {
    const option = optionOf.get(explicit);
    const why = option === undefined ? `${explicit} is set` : `${option} is given`;
    if (running.length > 0) note(`not using the demo (${source}): ${why}`);
    return;
  }
  if (running.length === 0) {
    note(`ignoring the demo (${source}): it has ended`);
    return;
  }
  const verifik = verifikIn(env);
  const clean = withoutSettings(env);
  for (const name of Object.keys(env)) if (clean[name] === undefined) delete env[name];
  Object.assign(env, clean, demo.env, verifik);
  const except = verifik === undefined ? '' : ', and Verifik as VERIFIK_… say';
  const newest = running.length === 1 ? '' : `, the newest of ${running.length}`;
  note(`using the demo at ${demo.env.TEMPORAL_ADDRESS} (${source})${newest}${except}`);
};
