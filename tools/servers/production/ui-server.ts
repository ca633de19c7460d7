import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTemporalUiServer } from '../executables.js';
import { freePort } from '../ports.js';
import { flags, startProcess } from '../processes.js';
import type { Progress } from '../progress.js';
import { answersWell, startServing } from '../serving.js';

/** Starts the UI for the server at `address`. `folder` receives its configuration and its log. */
export const startUiServer = async (address: string, namespace: string, folder: string, progress: Progress) => {
  const executable = await findTemporalUiServer(progress);
  const port = await freePort();
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
  await writeFile(join(folder, 'ui', 'production.yaml'), JSON.stringify(configuration, undefined, 2));
  const args = [...flags({ root: folder, config: 'ui', env: 'production' }), 'start'];
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(executable, args, { logFile: join(folder, 'ui.log') });
  const { stop } = await startServing("The Temporal UI's server", server, () => answersWell(url));
  return { url, stop };
};
