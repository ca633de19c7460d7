import type { Contact } from '../../domain/contact.js';
import type { VendorContact } from '../../domain/vendor-registration.js';

/** The applicant for whom a registration is looked for. */
export interface Applicant {
  readonly project: string;
  readonly projectFlow: string;
  readonly contact: Contact;
}

/** A registration at Verifik, as far as it says whose it is. */
interface Found {
  readonly project?: string | undefined;
  readonly projectFlow?: string | undefined;
  readonly contact?: VendorContact | undefined;
}

const isEqual = (known: string | undefined, found: string | undefined): boolean =>
  known === undefined || found === undefined || known.toLowerCase() === found.toLowerCase();

/**
 * True if a registration is the applicant's own: of this project and flow, with an email or a phone in common, and none
 * that differs. The adopter of another registration would get a live token of somebody else.
 */
export const isOwn =
  ({ project, projectFlow, contact }: Applicant) =>
  ({ contact: found = {}, ...place }: Found): boolean => {
    const sharesEmail = contact.email !== undefined && found.email !== undefined;
    const sharesPhone = contact.phone !== undefined && found.phone !== undefined;
    return (
      isEqual(project, place.project) &&
      isEqual(projectFlow, place.projectFlow) &&
      (sharesEmail || sharesPhone) &&
      isEqual(contact.email, found.email) &&
      isEqual(contact.phone, found.phone) &&
      (!sharesPhone || isEqual(contact.countryCode, found.countryCode))
    );
  };
