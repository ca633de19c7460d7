import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_PROFILES } from '../sandbox/index.js';
import { type Act, type Harm, inWords, subjectOf } from './plan/acts.js';
import type { World } from './setting/world.js';

/** Tells what happens, line by line. */
export type Tell = (line: string) => void;

/** Does harm, act by act. */
export interface Harmer {
  /** Does everything that is due when so many applicants have done their part. What befalls the same waits for what came before. */
  through(applicants: number): void;
  /** Does all that is left, and answers when everything is up again. */
  peace(): Promise<void>;
}

const numbered = <A>(list: readonly A[], number: number): A => {
  const one = list[number - 1];
  if (one === undefined) throw new Error(`there is no number ${number}`);
  return one;
};

/** Does one harm. Answers when it is over and everything is up again. */
const perform = async (world: World, harm: Harm): Promise<void> => {
  const { workers, gateways, service, temporal, links, keyRings, verifik } = world;
  switch (harm.kind) {
    case 'killWorker':
      return numbered(workers.now(), harm.worker).down('kill', harm.forMs);
    case 'restartWorker':
      return numbered(workers.now(), harm.worker).down('stop', harm.forMs);
    case 'killGateway':
      return numbered(gateways, harm.gateway).down('kill', harm.forMs);
    case 'killService':
      return service.down(harm.forMs);
    case 'killServer':
      await temporal.killServer();
      await pause(harm.forMs);
      return temporal.startServer();
    case 'killDatabase':
      await temporal.database?.kill();
      await pause(harm.forMs);
      return temporal.database?.start();
    case 'cut':
      return links.cut(harm.link, harm.way, harm.forMs);
    case 'delay':
      return links.delay(harm.link, harm.ms, harm.forMs);
    case 'rotateKeys':
      return keyRings.rotate(harm.hasty, harm.forMs);
    case 'deploy':
      return workers.deploy(harm.step);
    case 'vendorFaults':
      await verifik.control.faults(FAULT_PROFILES[harm.profile]);
      await pause(harm.forMs);
      return verifik.control.faults(FAULT_PROFILES.flaky);
    case 'vendorChanges':
      await verifik.control.settings({ reRegistration: harm.reRegistration });
      await pause(harm.forMs);
      await verifik.control.settings({ reRegistration: 'recreate' });
  }
};

export const createHarmer = (world: World, plan: readonly Act[], tell: Tell): Harmer => {
  const left = [...plan];
  const lanes = new Map<string, Promise<void>>();
  const failures: unknown[] = [];

  const begin = (act: Act): void => {
    const subject = subjectOf(act);
    const before = lanes.get(subject) ?? Promise.resolve();
    const after = before.then(async () => {
      tell(inWords(act));
      await perform(world, act);
    });
    lanes.set(
      subject,
      after.catch((error: unknown) => void failures.push(error)),
    );
  };

  const through = (applicants: number): void => {
    for (let [next] = left; next !== undefined && next.at <= applicants; [next] = left) {
      left.shift();
      begin(next);
    }
  };

  return {
    through,
    peace: async () => {
      through(Number.POSITIVE_INFINITY);
      await Promise.all(lanes.values());
      // What could not be done or mended is no fault of the product's.
      if (failures.length > 0) throw new Error(`harm could not be done or mended: ${String(failures[0])}`);
    },
  };
};
