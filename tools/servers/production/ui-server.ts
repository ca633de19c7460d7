import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../finding.js';
import { steadyPorts } from '../ports.js';
import { startProcess } from '../processes.js';
import { answersWell, startServing } from '../serving.js';
import { findTemporalUiServer } from './executables.js';

interface UiServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The name of the configuration file, without its extension. */
const ENVIRONMENT = 'production';

/** Starts the UI for the server at `address`. `folder` receives its configuration and its log. */
export const startUiServer = async (
  address: string,
  namespace: string,
  folder: string,
  progress: Progress,
): Promise<UiServer> => {
  const executable = await findTemporalUiServer(progress);
  const [port = 0] = await steadyPorts(1);
  const configuration = {
    temporalGrpcAddress: address,
    host: '127.0.0.1',
    port,
    enableUi: true,
    defaultNamespace: namespace,
    // The UI would otherwise fetch release news from the internet.
    disableNewsFetch: true,
  };
  await mkdir(join(folder, 'ui'), { recursive: true });
  await writeFile(join(folder, 'ui', `${ENVIRONMENT}.yaml`), JSON.stringify(configuration, undefined, 2));
  const args = ['--root', folder, '--config', 'ui', '--env', ENVIRONMENT, 'start'];
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(executable, args, { logFile: join(folder, 'ui.log') });
  await startServing("The Temporal UI's server", server, () => answersWell(url));
  return { url, stop: server.stop };
};
