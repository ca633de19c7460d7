import { createApplicant } from './applicant.js';
import type { Kind } from './model.js';

/** A registration whose applicant is to go through by themselves. */
export interface Boarding {
  readonly token: string;
  readonly project: string;
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}

const CHECKS: readonly Kind[] = ['email', 'phone', 'document', 'biometric'];

/**
 * Sends an applicant through, as far as the flow asks for: each mandatory check that the registration has a way for, and then the
 * end. What the applicant is refused ends their journey; that is theirs to live with.
 */
export const goThroughAlone = async (url: string, boarding: Boarding, mandatory: readonly Kind[]): Promise<void> => {
  const { token, project, email, phone, countryCode } = boarding;
  const person = { email: email ?? '', phone: phone ?? '', countryCode: countryCode ?? '' };
  const applicant = createApplicant({ url, token, project, person });
  const hasWay = (check: Kind) =>
    (check !== 'email' || email !== undefined) && (check !== 'phone' || phone !== undefined);
  try {
    for (const check of CHECKS.filter((one) => mandatory.includes(one) && hasWay(one))) await applicant.pass(check);
    await applicant.finish();
  } catch {
    // Whatever stopped them, they have given up.
  }
};
