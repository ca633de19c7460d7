import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { createControl, DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, type SandboxControl } from '../../sandbox/index.js';
import { freePort, type ServerProcess } from '../../servers/index.js';

/** The sandbox in a separate process, so that its CPU time can be measured. */
export interface SandboxProcess extends ServerProcess {
  readonly url: string;
  readonly clientToken: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly control: SandboxControl;
}

/** Starts a sandbox without latency, whose applicants pass all checks as soon as they are registered. */
export const startSandboxProcess = async (logFile: string): Promise<SandboxProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const control = createControl(url);
  const args = ['--port', String(port), '--set', 'applicants=atOnce', '--set', 'latencyMs=0'];
  const sandbox = await startNodeProcess('tools/sandbox/main.js', args, {
    logFile,
    isReady: () => answersWell(`${url}/_sandbox/ledger/totals`),
  });
  const clientToken = await control.clientToken();
  return { ...sandbox, url, clientToken, control, project: DEFAULT_PROJECT, projectFlow: DEFAULT_PROJECT_FLOW };
};
