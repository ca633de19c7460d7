import * as TE from 'fp-ts/lib/TaskEither.js';
import type { AppRegistrationListItem, CallOptions, VerifikClient, VerifikError } from '../../verifik/index.js';
import { type Applicant, isOwn } from './own-registration.js';

/** The vendor's limit. */
const PAGE_SIZE = 100;

/** The list has no filter by contact, so that a search covers only this many pages from each end. */
const PAGES_FROM_EACH_END = 5;

/**
 * Returns the page numbers of both ends: the order of the list is not documented, and the registration is probably
 * recent.
 */
const pagesToSearch = (pages: number): readonly number[] => {
  const first = Array.from({ length: Math.min(PAGES_FROM_EACH_END, pages) }, (_, index) => index + 1);
  const last = first.map((page) => pages + 1 - page);
  return [...new Set([...first.slice(1), ...last])].filter((page) => page > 1);
};

/**
 * Finds the registration of a contact in the vendor's list of the project flow. Searches only the first and the last
 * 500 registrations.
 */
export const findRegistration = (
  verifik: VerifikClient,
  applicant: Applicant,
  options: CallOptions,
): TE.TaskEither<VerifikError, string | undefined> => {
  const { project, projectFlow } = applicant;
  const page = (number: number) =>
    verifik.listAppRegistrations({ project, projectFlow, page: number, limit: PAGE_SIZE }, options);
  const isFound = ({ vendorRegistration }: AppRegistrationListItem) => isOwn(applicant)(vendorRegistration);
  const search = (numbers: readonly number[]): TE.TaskEither<VerifikError, string | undefined> => {
    const [number, ...rest] = numbers;
    if (number === undefined) return TE.right(undefined);
    return TE.chain((listed: { items: readonly AppRegistrationListItem[] }) => {
      const found = listed.items.find(isFound);
      return found === undefined ? search(rest) : TE.right(found.appRegistrationId);
    })(page(number));
  };
  return TE.chain((listed: { items: readonly AppRegistrationListItem[]; pages: number }) => {
    const found = listed.items.find(isFound);
    return found === undefined ? search(pagesToSearch(listed.pages)) : TE.right(found.appRegistrationId);
  })(page(1));
};
