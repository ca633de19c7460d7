import { randomBytes } from 'node:crypto';
import type { OnboardingClient } from '../client/index.js';
import type { CliConfig } from './config.js';
import { EXITS, type ExitName } from './exit-codes.js';
import { CliFailure, orFail } from './failures.js';
import { processTerminal, type Terminal } from './terminal.js';

export interface ConnectNeeds {
  /** Needed by commands that hash contacts. */
  readonly contactKey?: 'needed';
  readonly timeoutMs?: number | undefined;
}

export interface CliContext {
  readonly terminal: Terminal;
  /** @throws CliFailure `misconfigured` if a setting is wrong. */
  readonly config: () => Promise<CliConfig>;
  /** @throws CliFailure `misconfigured`; OnboardingError if Temporal cannot be reached. */
  readonly connect: (needs?: ConnectNeeds) => Promise<OnboardingClient>;
  readonly exitWith: (exit: ExitName) => void;
}

const contactKeyFor = ({ contactKey, namesContactKey }: CliConfig, needs: ConnectNeeds): string =>
  needs.contactKey === 'needed' || namesContactKey
    ? orFail(contactKey, 'misconfigured')
    : // Read-only commands hash no contact and do not need the secret.
      randomBytes(32).toString('base64url');

const connect = async (config: CliConfig, needs: ConnectNeeds): Promise<OnboardingClient> => {
  const { connectOnboardingClient, OnboardingError } = await import('../client/index.js');
  const { taskQueue } = config;
  const options = {
    contactKey: contactKeyFor(config, needs),
    keyProvider: orFail(config.keyProvider, 'misconfigured'),
    taskQueue,
    ...(needs.timeoutMs === undefined ? {} : { timeoutMs: needs.timeoutMs }),
  };
  try {
    // The process closes the connection when it ends.
    return (await connectOnboardingClient(options)).client;
  } catch (error) {
    if (error instanceof OnboardingError) throw error;
    // The original message may contain credentials from Temporal's configuration file.
    throw new CliFailure(
      'misconfigured',
      "TEMPORAL_…: expected settings that Temporal's configuration can be read from",
    );
  }
};

export const processContext = (): CliContext => {
  const config = async (): Promise<CliConfig> => {
    const { readConfig } = await import('./config.js');
    return orFail(readConfig(process.env), 'misconfigured');
  };
  return {
    terminal: processTerminal(process),
    config,
    connect: async (needs = {}) => connect(await config(), needs),
    exitWith: (exit) => {
      process.exitCode = EXITS[exit].code;
    },
  };
};
