import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findTemporalCli } from '../../tools/servers/index.js';

/** The result of a command. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error, interleaved. */
  readonly all: string;
}

/** Runs the official `temporal` CLI against a server. */
export interface Shell {
  temporalCli(args: readonly string[]): Promise<CommandResult>;
  /** Runs a shell script in which `temporal` is the CLI. */
  shell(script: string, env?: Readonly<Record<string, string>>): Promise<CommandResult>;
}

/** Creates a configuration file without settings. The SDK rejects an empty file. */
const emptyConfiguration = (): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'temporal-configuration-')), 'temporal.toml');
  writeFileSync(path, '[profile.default]\n');
  return path;
};

export const openShell = async (address: string): Promise<Shell> => {
  const cli = await findTemporalCli(() => undefined);
  const environment = {
    TEMPORAL_ADDRESS: address,
    // The user's configuration file must not have an effect.
    TEMPORAL_CONFIG_FILE: emptyConfiguration(),
    // npx keeps the commands that a package had when it first ran one of them in a folder.
    npm_config_cache: mkdtempSync(join(tmpdir(), 'npm-cache-')),
  };
  const run = async (command: string, args: readonly string[], env: Record<string, string>): Promise<CommandResult> => {
    const { exitCode, stdout, all } = await execa(command, args, { env, reject: false, all: true, stdin: 'ignore' });
    return { exitCode: exitCode ?? -1, stdout, all };
  };
  return {
    temporalCli: (args) => run(cli, args, environment),
    shell: (script, env = {}) =>
      run('bash', ['-euc', script], { ...environment, PATH: `${dirname(cli)}:${process.env['PATH']}`, ...env }),
  };
};
