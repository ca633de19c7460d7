import { randomBytes } from 'node:crypto';
import type { OnboardingClient } from '../client/index.js';
import type { CliConfig } from './config.js';
import { EXITS, type ExitName } from './exits.js';
import { CliFailure, orFail } from './failures.js';
import { processTerminal, type Terminal } from './terminal.js';

export interface ConnectNeeds {
  /** Contacts are hashed: without the contact key they would never be found again. */
  readonly contactKey?: 'needed';
  /** How long calls wait, in ms. */
  readonly timeoutMs?: number | undefined;
}

/** What every command works with. */
export interface CliContext {
  readonly terminal: Terminal;
  /** @throws CliFailure `misconfigured` where a setting is wrong. */
  readonly config: () => Promise<CliConfig>;
  /** @throws CliFailure `misconfigured`; OnboardingError where Temporal cannot be reached. */
  readonly connect: (needs?: ConnectNeeds) => Promise<OnboardingClient>;
  /** How the command ends where nothing fails. */
  readonly exitWith: (exit: ExitName) => void;
}

const contactKeyFor = ({ contactKey, namesContactKey }: CliConfig, needs: ConnectNeeds): string =>
  needs.contactKey === 'needed' || namesContactKey
    ? orFail(contactKey, 'misconfigured')
    : // Nothing will be hashed: whoever only looks need not have the secret.
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
    // The connection ends with the process.
    return (await connectOnboardingClient(options)).client;
  } catch (error) {
    if (error instanceof OnboardingError) throw error;
    // What it says may repeat what stands in a file with credentials.
    throw new CliFailure(
      'misconfigured',
      "TEMPORAL_…: expected settings that Temporal's configuration can be read from",
    );
  }
};

/** The context of this process. */
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
