import type { FAULT_PROFILES } from '../../sandbox/index.js';
import type { ReRegistration } from '../personas.js';

/** The connections that go through a proxy, which can harm them. */
export const LINKS = {
  workersToTemporal: 'the workers and Temporal',
  gatewaysToTemporal: 'the gateways and Temporal',
  workersToVerifik: 'the workers and Verifik',
  workersToService: 'the workers and the service',
  verifikToGateway: 'Verifik and the gateway',
  temporalToDatabase: 'Temporal and its database',
} as const;

export type Link = keyof typeof LINKS;

/** How a connection is cut: it is reset, or refused, or nothing gets through any more and nobody is told. */
export const WAYS_TO_CUT = ['reset', 'refuse', 'silence'] as const;

export type WayToCut = (typeof WAYS_TO_CUT)[number];

/** How new workers take over, step by step, in this order. */
export const DEPLOY_STEPS = ['ramp', 'rollBack', 'rampAgain', 'makeCurrent'] as const;

export type DeployStep = (typeof DEPLOY_STEPS)[number];

/** What is done. Every harm ends by itself after its time, so that whatever happens can be judged. */
export type Harm =
  | { readonly kind: 'killWorker'; readonly worker: 1 | 2; readonly forMs: number }
  | { readonly kind: 'restartWorker'; readonly worker: 1 | 2; readonly forMs: number }
  | { readonly kind: 'killGateway'; readonly gateway: 1 | 2; readonly forMs: number }
  | { readonly kind: 'killService'; readonly forMs: number }
  | { readonly kind: 'killServer'; readonly forMs: number }
  | { readonly kind: 'killDatabase'; readonly forMs: number }
  | { readonly kind: 'cut'; readonly link: Link; readonly way: WayToCut; readonly forMs: number }
  | { readonly kind: 'delay'; readonly link: Link; readonly ms: number; readonly forMs: number }
  | { readonly kind: 'rotateKeys'; readonly hasty: boolean; readonly forMs: number }
  | { readonly kind: 'deploy'; readonly step: DeployStep; readonly forMs: number }
  | { readonly kind: 'vendorFaults'; readonly profile: keyof typeof FAULT_PROFILES; readonly forMs: number }
  | { readonly kind: 'vendorChanges'; readonly reRegistration: ReRegistration; readonly forMs: number };

export type HarmKind = Harm['kind'];

/** A harm and its moment. */
export type Act = Harm & {
  /** It is done as soon as so many applicants have done their part. */
  readonly at: number;
};

/** What a harm befalls. What befalls the same is done one after the other. */
export const subjectOf = (harm: Harm): string => {
  switch (harm.kind) {
    case 'killWorker':
    case 'restartWorker':
      return 'workers';
    case 'killGateway':
      return 'gateways';
    case 'killService':
      return 'service';
    case 'killServer':
    case 'killDatabase':
      return 'temporal';
    case 'cut':
    case 'delay':
      return harm.link;
    case 'rotateKeys':
      return 'keys';
    case 'deploy':
      return 'deployment';
    case 'vendorFaults':
    case 'vendorChanges':
      return harm.kind;
  }
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const STEP_WORDS: Readonly<Record<DeployStep, string>> = {
  ramp: 'A new build of the workers is started beside the old one, and given half of the onboardings.',
  rollBack: 'The new build is taken back: the old one has all onboardings again.',
  rampAgain: 'The new build is given half of the onboardings once more.',
  makeCurrent: 'The new build is given all onboardings, and the old one is stopped.',
};

const CUT_WORDS: Readonly<Record<WayToCut, string>> = {
  reset: 'Connections are reset between',
  refuse: 'Connections are refused between',
  silence: 'Silence falls between',
};

/** What is being done, as a sentence. */
export const inWords = (harm: Harm): string => {
  const time = seconds(harm.forMs);
  switch (harm.kind) {
    case 'killWorker':
      return `Worker ${harm.worker} is killed, and back in ${time}.`;
    case 'restartWorker':
      return `Worker ${harm.worker} is asked to stop, and started again ${time} later.`;
    case 'killGateway':
      return `Gateway ${harm.gateway} is killed, and back in ${time}.`;
    case 'killService':
      return `The service is killed, and hears nothing for ${time}.`;
    case 'killServer':
      return `The Temporal server is killed, and back in ${time}.`;
    case 'killDatabase':
      return `Temporal's database is killed, and back in ${time}.`;
    case 'cut':
      return `${CUT_WORDS[harm.way]} ${LINKS[harm.link]} for ${time}.`;
    case 'delay':
      return `Everything between ${LINKS[harm.link]} is ${harm.ms} ms late for ${time}.`;
    case 'rotateKeys':
      return harm.hasty
        ? `A new encryption key is put in use before everybody has it; the last gets it ${time} later.`
        : `A new encryption key is handed out, and put in use one process after the other over ${time}.`;
    case 'deploy':
      return STEP_WORDS[harm.step];
    case 'vendorFaults':
      return `Verifik behaves worse (${harm.profile}) for ${time}.`;
    case 'vendorChanges':
      return `Verifik changes its ways: whoever registers again is to ${harm.reRegistration}, for ${time}.`;
  }
};
