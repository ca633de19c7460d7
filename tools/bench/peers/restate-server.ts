import { join } from 'node:path';
import { answersWell } from '../../processes/node-process.js';
import { freePort, type ServerProcess, startProcess, startServing } from '../../servers/index.js';
import { folderOf } from './install.js';

/** A Restate server on the loopback interface, which keeps its data in a folder. */
export interface RestateServer {
  readonly ingressUrl: string;
  readonly start: () => ServerProcess;
  readonly untilReady: (server: ServerProcess) => Promise<void>;
  /** Tells the server of the handlers that are served at the address. It keeps that with its data. */
  readonly register: (uri: string) => Promise<void>;
}

const ARGS = ['--no-logo', '--node-name', 'bench', '--listen-mode', 'tcp'];

/** Addresses for a server that is yet to be started, and may be started again. All else is as Restate has it by default. */
export const restateServer = async (data: string, logFile: string): Promise<RestateServer> => {
  const [ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const ingressUrl = `http://127.0.0.1:${ingressPort}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const cwd = folderOf('restate');
  // The server itself: the package's command is a process more that only waits for it.
  const executable = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  return {
    ingressUrl,
    start: () =>
      startProcess(join(cwd, 'node_modules', executable), [...ARGS, '--base-dir', data], {
        cwd,
        logFile,
        env: {
          RESTATE_BIND_IP: '127.0.0.1',
          RESTATE_BIND_PORT: String(nodePort),
          RESTATE_INGRESS__BIND_PORT: String(ingressPort),
          RESTATE_ADMIN__BIND_PORT: String(adminPort),
          // At its start it looks whether there is a newer version, which cannot be turned off: only what it says of that can.
          RESTATE_LOG_FILTER: 'warn,octocrab=off',
          RESTATE_LOG_DISABLE_ANSI_CODES: 'true',
          RESTATE_DISABLE_TELEMETRY: 'true',
          RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
        },
      }),
    untilReady: async (server) => {
      for (const url of [`${adminUrl}/health`, `${ingressUrl}/restate/health`])
        await startServing('The Restate server', server, () => answersWell(url));
    },
    register: async (uri) => {
      const response = await fetch(`${adminUrl}/deployments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uri }),
      });
      if (!response.ok) throw new Error(`Restate did not take the deployment: ${await response.text()}`);
    },
  };
};
