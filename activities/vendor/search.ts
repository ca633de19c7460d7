import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type {
  AppRegistrationListItem,
  AppRegistrationPage,
  CallOptions,
  VerifikClient,
  VerifikError,
} from '../../verifik/index.js';
import { type Applicant, isOwn } from './own-registration.js';

/** The vendor's limit. */
const PAGE_SIZE = 100;

/** Without the filters by contact, a search covers only this many pages from each end. */
const PAGES_FROM_EACH_END = 5;

/** The id of the registration, if it was found. */
type Search = TE.TaskEither<VerifikError, string | undefined>;

/**
 * Returns the page numbers of both ends, except the first page: the order of the list is not documented, and the
 * registration is probably recent.
 */
const pagesToSearch = (pages: number): readonly number[] => {
  const first = Array.from({ length: Math.min(PAGES_FROM_EACH_END, pages) }, (_, index) => index + 1);
  const last = first.map((page) => pages + 1 - page);
  return [...new Set([...first.slice(1), ...last])].filter((page) => page > 1);
};

/** True if Verifik does not offer the filters by contact, or not to this token. */
const isFilterRefused = ({ type }: VerifikError): boolean =>
  type === 'Credentials' || type === 'InvalidRequest' || type === 'NotSupported';

/**
 * Finds the registration of a contact in the vendor's list of the project flow. First uses the undocumented filters by
 * contact, which Verifik may refuse or ignore. Then searches the first and the last 500 registrations.
 */
export const findRegistration = (verifik: VerifikClient, applicant: Applicant, options: CallOptions): Search => {
  const { project, projectFlow, contact } = applicant;

  const idIn = ({ items }: AppRegistrationPage): string | undefined =>
    items.find(({ vendorRegistration }: AppRegistrationListItem) => isOwn(applicant)(vendorRegistration))
      ?.appRegistrationId;

  const list = (page: number, filter: { readonly like?: Applicant['contact'] } = {}) =>
    verifik.listAppRegistrations({ project, projectFlow, page, limit: PAGE_SIZE, ...filter }, options);

  const searchPages = ([number, ...rest]: readonly number[]): Search =>
    number === undefined
      ? TE.right(undefined)
      : TE.chain((page: AppRegistrationPage) => {
          const found = idIn(page);
          return found === undefined ? searchPages(rest) : TE.right(found);
        })(list(number));

  const searchEnds: Search = TE.chain((page: AppRegistrationPage) => {
    const found = idIn(page);
    return found === undefined ? searchPages(pagesToSearch(page.pages)) : TE.right(found);
  })(list(1));

  return async () => {
    const filtered = await list(1, { like: contact })();
    if (E.isLeft(filtered)) return isFilterRefused(filtered.left) ? searchEnds() : filtered;
    const found = idIn(filtered.right);
    return found === undefined ? searchEnds() : E.right(found);
  };
};
