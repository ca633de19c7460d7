import {
  createControl,
  DEFAULT_PROJECT,
  DEFAULT_PROJECT_FLOW,
  type SandboxControl,
  type Settings,
} from '../sandbox/index.js';
import { freePort, type ServerProcess } from '../servers/index.js';
import { answersWell, startNodeProcess } from './node-process.js';

/** The sandbox in its own process. */
export interface SandboxProcess extends ServerProcess {
  readonly url: string;
  /** Secret. The log contains it as well. */
  readonly clientToken: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly control: SandboxControl;
}

export const startSandboxProcess = async (
  logFile: string,
  settings: Partial<Settings>,
  seed = 1,
): Promise<SandboxProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const control = createControl(url);
  const sandbox = await startNodeProcess('tools/sandbox/main.js', ['--port', String(port), '--seed', String(seed)], {
    logFile,
    isReady: () => answersWell(`${url}/_sandbox/ledger/totals`),
  });
  await control.settings(settings);
  const clientToken = await control.clientToken();
  return { ...sandbox, url, clientToken, control, project: DEFAULT_PROJECT, projectFlow: DEFAULT_PROJECT_FLOW };
};
