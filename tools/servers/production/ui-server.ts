import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { steadyPorts } from '../ports.js';
import { startProcess } from '../processes.js';
import { startServing } from '../serving.js';
import type { Progress } from '../ways.js';
import { findTemporalUiServer } from './executables.js';

/** The Temporal UI beside a production server. */
interface UiServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The file of its configuration is named for this. */
const ENVIRONMENT = 'production';

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};

/** Starts the UI of the server at `address`. Its configuration and its log are kept in `folder`. */
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
    // It would ask the internet for news.
    disableNewsFetch: true,
  };
  await mkdir(join(folder, 'ui'), { recursive: true });
  await writeFile(join(folder, 'ui', `${ENVIRONMENT}.yaml`), JSON.stringify(configuration, undefined, 2));
  const args = ['--root', folder, '--config', 'ui', '--env', ENVIRONMENT, 'start'];
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(executable, args, { logFile: join(folder, 'ui.log') });
  await startServing("The Temporal UI's server", server, () => answers(url));
  return { url, stop: server.stop };
};
