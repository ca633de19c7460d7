import { join } from 'node:path';
import { answersWell } from '../../processes/node-process.js';
import { freePort, type ServerProcess, startProcess, startServing } from '../../servers/index.js';
import { folderOf } from './programs.js';

/** A Restate server on the loopback interface with its data in a folder. */
export interface RestateServer {
  readonly ingressUrl: string;
  readonly start: () => ServerProcess;
  readonly untilReady: (server: ServerProcess) => Promise<void>;
  /** Registers the handlers at the address. The registration is part of the server's data. */
  readonly register: (uri: string) => Promise<void>;
}

const ARGS = ['--no-logo', '--node-name', 'bench', '--listen-mode', 'tcp'];

/** Reserves the ports of a server, which can be started several times. All other settings are Restate's defaults. */
export const restateServer = async (data: string, logFile: string): Promise<RestateServer> => {
  const [ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const ingressUrl = `http://127.0.0.1:${ingressPort}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const cwd = folderOf('restate');
  // The binary itself: the package's command would be an additional process.
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
          // The update check at the start cannot be disabled; this hides its log.
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
      if (!response.ok) throw new Error(`Restate rejected the deployment: ${await response.text()}`);
    },
  };
};
