/** A Verifik look-alike with faults of its own, and applicants that go through it. */
import * as E from 'fp-ts/lib/Either.js';
import { createApp } from './app.js';
import { createControl, type SandboxControl } from './control.js';
import { type Fault, Faults } from './faults.js';
import { checkedPlayground, type GatewayConnection, type PlaygroundOptions } from './playground/gateway.js';
import { changeSettings, DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, DEFAULT_SETTINGS, type Settings } from './settings.js';
import { LIFETIMES_MS } from './tokens.js';
import { World } from './world.js';

export {
  type Applicant,
  type ApplicantOptions,
  createApplicant,
  type Giving,
  type Route,
  type StepDone,
} from './applicant.js';
export { createControl, type Populated, type RegistrationStanding, type SandboxControl } from './control.js';
export { AttemptRefused } from './device.js';
export { DRIFT_WORDS, type Drift } from './drift.js';
export { FAULT_PROFILES, type Fault } from './faults.js';
export type { LedgerSnapshot, LedgerTotals, Repeated } from './ledger.js';
export { inventPeople, type Person } from './people.js';
export type { PlaygroundOptions } from './playground/gateway.js';
export type { PopulationOptions } from './population-plan.js';
export { createRandom, type Random } from './random.js';
export { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW, SETTINGS, type Settings } from './settings.js';

export interface SandboxOptions {
  /** 0 for any free port. Default 0. */
  readonly port?: number;
  /** The same seed and the same calls give the same ids, codes and faults. Default 1. */
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
  readonly faults?: readonly Fault[];
  /** The gateway of the playground, where it is up already. */
  readonly playground?: PlaygroundOptions;
}

export interface Sandbox {
  /** Verifik's API answers under `/v2` of it, the controls under `/_sandbox`, and the playground, a web page, at `/`. */
  readonly url: string;
  /** A client token of 30 days. */
  readonly clientToken: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly control: SandboxControl;
  /** Tells the playground of its gateway, as often as it changes. Throws with the name of a field that is wrong. */
  connectPlayground(options: PlaygroundOptions): void;
  /** Ends at once, also with connections open and calls unanswered. */
  close(): Promise<void>;
}

/** Starts a sandbox on the loopback interface. Rejects with the name of a setting or a fault's field that is wrong. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const settings = changeSettings(DEFAULT_SETTINGS, options.settings ?? {});
  if (E.isLeft(settings)) throw new Error(settings.left);
  const world = new World(options.seed ?? 1, settings.right);
  const faults = new Faults((options.seed ?? 1) + 2);
  const gateway: GatewayConnection = {
    options: options.playground === undefined ? undefined : checkedPlayground(options.playground),
  };
  const app = createApp(world, faults, { gateway, seed: options.seed ?? 1 });
  await app.ready();
  const wanted = faults.read(options.faults ?? []);
  if (E.isLeft(wanted)) throw new Error(`faults: ${wanted.left}`);
  faults.set(wanted.right);
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return {
    url,
    clientToken: await world.tokens.mint({ kind: 'client' }, LIFETIMES_MS.client),
    project: DEFAULT_PROJECT,
    projectFlow: DEFAULT_PROJECT_FLOW,
    control: createControl(url),
    connectPlayground: (playground) => {
      gateway.options = checkedPlayground(playground);
    },
    close: async () => {
      world.webhooks.close();
      await app.close();
    },
  };
};
