import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_PROFILES } from '../sandbox/index.js';
import type { Environment } from './environment/environment.js';
import { describeFault, type Fault, type PlannedFault, targetOf } from './plan/faults.js';

/** Prints a line of progress. */
export type Tell = (line: string) => void;

/** Injects the planned faults. Faults of the same target run one after the other, all others may overlap. */
export interface FaultInjector {
  /** Starts the faults that are due when this number of applicants is done. */
  injectDue(applicants: number): void;
  /** Starts the remaining faults, and resolves when all faults are over. Rejects if a fault failed. */
  finish(): Promise<void>;
}

const numbered = <A>(list: readonly A[], number: number): A => {
  const found = list[number - 1];
  if (found === undefined) throw new Error(`no process has the number ${number}`);
  return found;
};

/** Injects one fault, and resolves when the affected processes are running again. */
const perform = async (environment: Environment, fault: Fault): Promise<void> => {
  const { workers, gateways, service, temporal, links, keyRings, verifik } = environment;
  switch (fault.kind) {
    case 'killWorker':
      return numbered(workers.now(), fault.worker).down('kill', fault.forMs);
    case 'restartWorker':
      return numbered(workers.now(), fault.worker).down('stop', fault.forMs);
    case 'killGateway':
      return numbered(gateways, fault.gateway).down('kill', fault.forMs);
    case 'killService':
      return service.down(fault.forMs);
    case 'killServer':
      await temporal.killServer();
      await pause(fault.forMs);
      return temporal.startServer();
    case 'killDatabase':
      await temporal.database?.kill();
      await pause(fault.forMs);
      return temporal.database?.start();
    case 'cut':
      return links.cut(fault.link, fault.mode, fault.forMs);
    case 'delay':
      return links.delay(fault.link, fault.ms, fault.forMs);
    case 'rotateKeys':
      return keyRings.rotate(fault.hasty, fault.forMs);
    case 'deploy':
      return workers.deploy(fault.step);
    case 'vendorFaults':
      await verifik.control.faults(FAULT_PROFILES[fault.profile]);
      await pause(fault.forMs);
      return verifik.control.faults(FAULT_PROFILES.flaky);
    case 'vendorChanges':
      await verifik.control.settings({ reRegistration: fault.reRegistration });
      await pause(fault.forMs);
      await verifik.control.settings({ reRegistration: 'recreate' });
  }
};

export const createFaultInjector = (
  environment: Environment,
  plan: readonly PlannedFault[],
  tell: Tell,
): FaultInjector => {
  const left = [...plan];
  const lanes = new Map<string, Promise<void>>();
  const failures: unknown[] = [];

  const begin = (fault: PlannedFault): void => {
    const target = targetOf(fault);
    const before = lanes.get(target) ?? Promise.resolve();
    const after = before.then(async () => {
      tell(describeFault(fault));
      await perform(environment, fault);
    });
    lanes.set(
      target,
      after.catch((error: unknown) => void failures.push(error)),
    );
  };

  const injectDue = (applicants: number): void => {
    for (let [next] = left; next !== undefined && next.at <= applicants; [next] = left) {
      left.shift();
      begin(next);
    }
  };

  return {
    injectDue,
    finish: async () => {
      injectDue(Number.POSITIVE_INFINITY);
      await Promise.all(lanes.values());
      // An error of the tool, which says nothing about the system under test.
      if (failures.length > 0) throw new Error(`a fault could not be injected or ended: ${String(failures[0])}`);
    },
  };
};
