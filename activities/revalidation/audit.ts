import * as E from 'fp-ts/lib/Either.js';
import type { Outcome } from '../../domain/outcomes.js';
import { compare, unknownWords } from '../../domain/revalidation/comparing.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import type { PriorOnboardings } from './prior-onboardings.js';
import type { SourceEntry } from './source-page.js';
import type { Vendor } from './vendor.js';

/** The result of one registration. */
export type EntryResult = Omit<ReportLine, 'ordinal' | 'appRegistrationId'>;

/**
 * Reads a registration, unless the vendor's list contained it. Returns a result if the registration cannot be read, and
 * `undefined` if the chunk ended while waiting for the rate limiter.
 */
export const readEntry = async (
  entry: SourceEntry,
  vendor: Vendor,
): Promise<AppRegistrationListItem | EntryResult | undefined> => {
  if (entry.listed !== undefined) return entry.listed;
  const read = await vendor.read(entry);
  if (read === undefined) return undefined;
  if (E.isRight(read)) return read.right;
  return read.left.type === 'NotFound' ? { result: 'notFound' } : { result: 'unreadable', problem: read.left.type };
};

export const isResult = (read: AppRegistrationListItem | EntryResult): read is EntryResult => 'result' in read;

/**
 * Compares a registration's status at the vendor with its last known outcome, or with `assume` if no onboarding is
 * known.
 */
export const auditEntry = async (
  entry: SourceEntry,
  { known }: PriorOnboardings,
  vendor: Vendor,
  assume: Outcome | undefined,
): Promise<EntryResult | undefined> => {
  const read = await readEntry(entry, vendor);
  if (read === undefined) return undefined;
  const knownHere = known === undefined ? {} : { known };
  if (isResult(read)) return { ...read, ...knownHere };
  const { vendorRegistration } = read;
  const [unknownWord] = unknownWords(vendorRegistration);
  const word = unknownWord === undefined ? {} : { unknownWord };
  return {
    result: compare(vendorRegistration, known ?? assume),
    status: vendorRegistration.status,
    ...word,
    ...knownHere,
  };
};
