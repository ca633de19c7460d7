import { randomBytes } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import type { CallOptions, ConnectedBatchClient, OnboardingClient } from '../client/index.js';
import { MisconfiguredError } from '../shared/config.js';
import { defined } from '../shared/defined.js';
import type { CliConfig } from './config.js';
import { EXITS, type ExitName } from './exit-codes.js';
import { CliFailure, orFail } from './failures.js';
import { processTerminal, type Terminal } from './terminal.js';

export interface ConnectNeeds extends CallOptions {
  /** Needed by commands that hash contacts. */
  readonly contactKey?: 'needed';
}

export interface CliContext {
  readonly terminal: Terminal;
  /** @throws CliFailure `misconfigured` if a setting is wrong. */
  readonly config: () => Promise<CliConfig>;
  /** @throws CliFailure `misconfigured`; OnboardingError if Temporal cannot be reached. */
  readonly connect: (needs?: ConnectNeeds) => Promise<OnboardingClient>;
  /** Connects the clients of batches. Throws the same errors as `connect`. */
  readonly connectBatches: (call?: CallOptions) => Promise<ConnectedBatchClient>;
  /** Connects to the server without a client: needs no encryption keys. Throws the same errors as `connect`. */
  readonly connectServer: () => Promise<{ readonly connection: Connection; readonly namespace: string }>;
  /** Sets an environment variable of this process, before it is read, to the value of an option. */
  readonly overrideEnv: (name: string, value: string, option: string) => void;
  readonly exitWith: (exit: ExitName) => void;
}

/** Returns the contact key. Commands that hash no contact need no secret. */
const contactKeyFor = ({ contactKey, namesContactKey }: CliConfig, needs: ConnectNeeds): string =>
  needs.contactKey === 'needed' || namesContactKey
    ? orFail(contactKey, 'misconfigured')
    : randomBytes(32).toString('base64url');

/** Connects with the client, which is loaded on demand. The process closes the connection when it ends. */
const connectWith = async <A>(connect: (client: typeof import('../client/index.js')) => Promise<A>): Promise<A> => {
  const client = await import('../client/index.js');
  try {
    return await connect(client);
  } catch (error) {
    if (error instanceof MisconfiguredError) throw new CliFailure('misconfigured', error.message);
    throw error;
  }
};

export const processContext = (): CliContext => {
  const terminal = processTerminal(process);
  const optionOf = new Map<string, string>();
  const read = async (): Promise<CliConfig> => {
    const [{ useRunningDemo }, { readConfig }] = await Promise.all([import('./demo.js'), import('./config.js')]);
    useRunningDemo(process.env, terminal.note, optionOf);
    return orFail(readConfig(process.env), 'misconfigured');
  };
  let known: Promise<CliConfig> | undefined;
  const config = (): Promise<CliConfig> => {
    known ??= read();
    return known;
  };
  const optionsFor = ({ taskQueue, keyProvider }: CliConfig, { timeoutMs }: CallOptions) =>
    defined({ taskQueue, keyProvider: orFail(keyProvider, 'misconfigured'), timeoutMs });
  return {
    terminal,
    config,
    connect: async (needs = {}) => {
      const settings = await config();
      const options = { contactKey: contactKeyFor(settings, needs), ...optionsFor(settings, needs) };
      return (await connectWith(({ connectOnboardingClient }) => connectOnboardingClient(options))).client;
    },
    connectBatches: async (call = {}) => {
      const options = optionsFor(await config(), call);
      return connectWith(({ connectBatchClient }) => connectBatchClient(options));
    },
    connectServer: async () => {
      await config();
      return connectWith(async () => (await import('../client/connect.js')).connectServer());
    },
    overrideEnv: (name, value, option) => {
      process.env[name] = value;
      optionOf.set(name, option);
    },
    exitWith: (exit) => {
      process.exitCode = EXITS[exit].code;
    },
  };
};
