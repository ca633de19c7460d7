/** A Verifik look-alike with faults and simulated applicants, for development and tests. */
import * as E from 'fp-ts/lib/Either.js';
import { createApp } from './app.js';
import { createControl, type SandboxControl } from './control.js';
import { type Fault, Faults } from './faults/faults.js';
import { checkedPlayground, type GatewayConnection, type PlaygroundOptions } from './playground/gateway.js';
import { changeSettings, DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, DEFAULT_SETTINGS, type Settings } from './settings.js';
import { SandboxState } from './state.js';
import { LIFETIMES_MS } from './tokens.js';

export {
  type Applicant,
  type ApplicantOptions,
  type CheckResult,
  createApplicant,
  type HostedPageOptions,
  type SubmitOptions,
} from './applicant/applicant.js';
export { AttemptRefused } from './applicant/device.js';
export { inventPeople, type Person } from './applicant/people.js';
export { createControl, type Populated, type RegistrationStatus, type SandboxControl } from './control.js';
export { DRIFT_WORDS, type Drift } from './faults/drift.js';
export { FAULT_PROFILES, type Fault } from './faults/faults.js';
export type { LedgerSnapshot, LedgerTotals, Repeated } from './ledger.js';
export type { PlaygroundOptions } from './playground/gateway.js';
export type { PopulationOptions } from './population/population-plan.js';
export { createRandom, type Random } from './random.js';
export type { RegistrationRecord } from './records.js';
export { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, SETTINGS, type Settings } from './settings.js';

export interface SandboxOptions {
  readonly port?: number;
  /** The same seed and calls give the same ids, codes and faults. Default 1. */
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
  readonly faults?: readonly Fault[];
  readonly playground?: PlaygroundOptions;
}

export interface Sandbox {
  /** The base URL: Verifik's API under `/v2`, the controls under `/_sandbox`, the playground at `/`. */
  readonly url: string;
  readonly clientToken: string;
  /** Returns a client token of an account that the setting `accounts` names. */
  clientTokenOf(account: string): Promise<string>;
  readonly project: string;
  readonly projectFlow: string;
  readonly control: SandboxControl;
  /** Connects the playground to a gateway, or to another one. Throws an error that names the wrong field. */
  connectPlayground(options: PlaygroundOptions): void;
  /** Stops at once, even with open connections and pending calls. */
  close(): Promise<void>;
}

/** Starts a sandbox on the loopback interface. Rejects with an error that names the wrong setting or fault field. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const settings = changeSettings(DEFAULT_SETTINGS, options.settings ?? {});
  if (E.isLeft(settings)) throw new Error(settings.left);
  const state = new SandboxState(options.seed ?? 1, settings.right);
  const faults = new Faults((options.seed ?? 1) + 2);
  const gateway: GatewayConnection = {
    options: options.playground === undefined ? undefined : checkedPlayground(options.playground),
  };
  const app = createApp(state, faults, { gateway, seed: options.seed ?? 1 });
  await app.ready();
  const wanted = faults.read(options.faults ?? []);
  if (E.isLeft(wanted)) throw new Error(`faults: ${wanted.left}`);
  faults.set(wanted.right);
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return {
    url,
    clientToken: await state.tokens.mint({ kind: 'client' }, LIFETIMES_MS.client),
    clientTokenOf: (account) => state.tokens.mint({ kind: 'client', account }, LIFETIMES_MS.client),
    project: DEFAULT_PROJECT,
    projectFlow: DEFAULT_PROJECT_FLOW,
    control: createControl(url),
    connectPlayground: (playground) => {
      gateway.options = checkedPlayground(playground);
    },
    close: async () => {
      state.close();
      await app.close();
    },
  };
};
