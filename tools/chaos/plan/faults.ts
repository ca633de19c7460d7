import type { FAULT_PROFILES } from '../../sandbox/index.js';
import type { ReRegistration } from '../personas.js';

/** The connections that go through Toxiproxy, with the names of both ends. */
export const LINKS = {
  workersToTemporal: 'the workers and Temporal',
  gatewaysToTemporal: 'the gateways and Temporal',
  workersToVerifik: 'the workers and Verifik',
  workersToService: 'the workers and the service',
  verifikToGateway: 'Verifik and the gateway',
  temporalToDatabase: 'Temporal and its database',
} as const;

export type Link = keyof typeof LINKS;

/** The ways to cut a connection: `silence` drops all packets, and neither end notices. */
export const CUT_MODES = ['reset', 'refuse', 'silence'] as const;

export type CutMode = (typeof CUT_MODES)[number];

/** The steps of a deployment of new workers, in order. */
export const DEPLOY_STEPS = ['ramp', 'rollBack', 'rampAgain', 'makeCurrent'] as const;

export type DeployStep = (typeof DEPLOY_STEPS)[number];

/** A fault, which ends by itself after `forMs`. */
export type Fault =
  | { readonly kind: 'killWorker'; readonly worker: 1 | 2; readonly forMs: number }
  | { readonly kind: 'restartWorker'; readonly worker: 1 | 2; readonly forMs: number }
  | { readonly kind: 'killGateway'; readonly gateway: 1 | 2; readonly forMs: number }
  | { readonly kind: 'killService'; readonly forMs: number }
  | { readonly kind: 'killServer'; readonly forMs: number }
  | { readonly kind: 'killDatabase'; readonly forMs: number }
  | { readonly kind: 'cut'; readonly link: Link; readonly mode: CutMode; readonly forMs: number }
  | { readonly kind: 'delay'; readonly link: Link; readonly ms: number; readonly forMs: number }
  | { readonly kind: 'rotateKeys'; readonly hasty: boolean; readonly forMs: number }
  | { readonly kind: 'deploy'; readonly step: DeployStep; readonly forMs: number }
  | { readonly kind: 'vendorFaults'; readonly profile: keyof typeof FAULT_PROFILES; readonly forMs: number }
  | { readonly kind: 'vendorChanges'; readonly reRegistration: ReRegistration; readonly forMs: number };

export type FaultKind = Fault['kind'];

/** A fault and the time when it is injected. */
export type PlannedFault = Fault & {
  /** The number of applicants that are done when the fault is due. */
  readonly at: number;
};

const TARGETS: Readonly<Record<Exclude<FaultKind, 'cut' | 'delay'>, string>> = {
  killWorker: 'workers',
  restartWorker: 'workers',
  killGateway: 'gateways',
  killService: 'service',
  killServer: 'temporal',
  killDatabase: 'temporal',
  rotateKeys: 'keys',
  deploy: 'deployment',
  vendorFaults: 'vendorFaults',
  vendorChanges: 'vendorChanges',
};

/** Returns the target of a fault. Faults of the same target do not overlap. */
export const targetOf = (fault: Fault): string => ('link' in fault ? fault.link : TARGETS[fault.kind]);

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const STEP_DESCRIPTIONS: Readonly<Record<DeployStep, string>> = {
  ramp: 'A new build of the workers starts, and receives half of the onboardings.',
  rollBack: 'The new build is rolled back: the old one receives all onboardings.',
  rampAgain: 'The new build receives half of the onboardings again.',
  makeCurrent: 'The new build becomes the current version, and the old one is blocked.',
};

const CUT_DESCRIPTIONS: Readonly<Record<CutMode, string>> = {
  reset: 'Connections are reset between',
  refuse: 'Connections are refused between',
  silence: 'Packets are dropped between',
};

/** Describes a fault in one sentence. */
export const describeFault = (fault: Fault): string => {
  const time = seconds(fault.forMs);
  switch (fault.kind) {
    case 'killWorker':
      return `Worker ${fault.worker} is killed, and restarted after ${time}.`;
    case 'restartWorker':
      return `Worker ${fault.worker} is blocked, and restarted after ${time}.`;
    case 'killGateway':
      return `Gateway ${fault.gateway} is killed, and restarted after ${time}.`;
    case 'killService':
      return `The service is killed, and restarted after ${time}.`;
    case 'killServer':
      return `The Temporal server is killed, and restarted after ${time}.`;
    case 'killDatabase':
      return `Temporal's database is killed, and restarted after ${time}.`;
    case 'cut':
      return `${CUT_DESCRIPTIONS[fault.mode]} ${LINKS[fault.link]} for ${time}.`;
    case 'delay':
      return `Data between ${LINKS[fault.link]} is delayed by ${fault.ms} ms for ${time}.`;
    case 'rotateKeys':
      return fault.hasty
        ? `A new encryption key is in use before every process has it; the last receives it after ${time}.`
        : `A new encryption key is distributed, then put in use one process after the other within ${time}.`;
    case 'deploy':
      return STEP_DESCRIPTIONS[fault.step];
    case 'vendorFaults':
      return `Verifik has the fault profile "${fault.profile}" for ${time}.`;
    case 'vendorChanges':
      return `Verifik answers re-registrations with "${fault.reRegistration}" for ${time}.`;
  }
};
