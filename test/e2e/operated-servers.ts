import { dirname, join } from 'node:path';
import { type CodecServerProcess, startCodecServerProcess } from '../../tools/processes/codec-server-process.js';
import { freePort } from '../../tools/servers/index.js';
import { applicantsOf } from '../support/applicants.js';
import { openRealServers, type RealServers } from './real-servers.js';
import { type CommandResult, openShell } from './shell.js';

/** The role of a viewer at the codec server. Without a role, payloads are not decoded. */
export type Viewer = keyof CodecServerProcess['tokens'] | undefined;

/** Real servers with the tools of operators: the Temporal UI, the codec server and the official `temporal` CLI. */
export interface OperatedServers extends RealServers {
  readonly codecServer: CodecServerProcess;
  /** Runs the CLI. With a `viewer`, it uses the codec server. */
  temporalCli(args: readonly string[], viewer?: Viewer): Promise<CommandResult>;
  /** Runs a shell script in which `temporal` is the CLI, configured with the role that sees personal data. */
  shell(script: string): Promise<CommandResult>;
}

export const openOperatedServers = async (
  settings: Parameters<typeof openRealServers>[0] = {},
): Promise<OperatedServers> => {
  const servers = await openRealServers(settings);
  // By default, some search attributes are published up to five minutes later.
  const client = servers.promptClient;
  const real = { ...servers, client, ...applicantsOf(servers.sandbox, client) };
  const codecServer = await startCodecServerProcess({
    address: `127.0.0.1:${await freePort()}`,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    origins: [real.uiUrl],
    namespace: 'default',
    keysFile: real.keysFile,
    logFile: join(dirname(real.logFile), 'codec-server.log'),
  });
  const { temporalCli, shell } = await openShell(real.address);

  const codecArguments = (viewer: Viewer): readonly string[] =>
    viewer === undefined
      ? []
      : ['--codec-endpoint', codecServer.url, '--codec-auth', `Bearer ${codecServer.tokens[viewer]}`];

  return {
    ...real,
    codecServer,
    temporalCli: (args, viewer) => temporalCli([...args, ...codecArguments(viewer)]),
    shell: (script) =>
      shell(script, {
        TEMPORAL_CODEC_ENDPOINT: codecServer.url,
        TEMPORAL_CODEC_AUTH: `Bearer ${codecServer.tokens.personalData}`,
      }),
    close: async () => {
      await codecServer.kill();
      await real.close();
    },
  };
};
