import * as E from 'fp-ts/lib/Either.js';
import type { Outcome } from '../../domain/outcomes.js';
import { compare, unknownWords } from '../../domain/revalidation/comparing.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import type { Record } from './registry.js';
import type { Sourced } from './sources.js';
import type { Vendor } from './vendor.js';

/** What one registration came to. */
export type Taken = Omit<ReportLine, 'ordinal' | 'appRegistrationId'>;

/** Reads what the vendor's list has not told; what cannot be read is a result as well. `undefined` where the waiting was ended. */
export const readOne = async (
  { appRegistrationId, listed }: Sourced,
  vendor: Vendor,
): Promise<AppRegistrationListItem | Taken | undefined> => {
  if (listed !== undefined) return listed;
  const read = await vendor.read(appRegistrationId);
  if (read === undefined) return undefined;
  if (E.isRight(read)) return read.right;
  return read.left.type === 'Gone' ? { result: 'gone' } : { result: 'unreadable', problem: read.left.type };
};

export const isTaken = (answer: AppRegistrationListItem | Taken): answer is Taken => 'result' in answer;

/** Compares a registration's truth at the vendor with what is known of it, or else with what is to be taken for known. */
export const auditOne = async (
  sourced: Sourced,
  { known }: Record,
  vendor: Vendor,
  assume: Outcome | undefined,
): Promise<Taken | undefined> => {
  const answer = await readOne(sourced, vendor);
  if (answer === undefined) return undefined;
  const knownHere = known === undefined ? {} : { known };
  if (isTaken(answer)) return { ...answer, ...knownHere };
  const { reading } = answer;
  const [unknownWord] = unknownWords(reading);
  const word = unknownWord === undefined ? {} : { unknownWord };
  return { result: compare(reading, known ?? assume), standing: reading.standing, ...word, ...knownHere };
};
