import { createApplicant } from './applicant.js';
import { KINDS, type Kind } from './model.js';

/** A registration whose applicant is to go through by themselves. */
export interface Boarding {
  readonly token: string;
  readonly email?: string;
  readonly phone?: string;
  /** Which checks they do anew, where they have done them before. */
  readonly force: readonly Kind[];
}

/**
 * Sends an applicant through the hosted page, as far as the flow asks for: each mandatory check that the registration has a way for,
 * and then the end. Whatever stops them, they give up.
 */
export const goThroughAlone = async (url: string, boarding: Boarding, mandatory: readonly Kind[]): Promise<void> => {
  const { token, email, phone, force } = boarding;
  const hasWay = (check: Kind) =>
    (check !== 'email' || email !== undefined) && (check !== 'phone' || phone !== undefined);
  const checks = KINDS.filter((check) => mandatory.includes(check) && hasWay(check));
  try {
    for await (const _step of createApplicant({ url, token }).goThrough({ checks, force }));
  } catch {
    // They have given up.
  }
};
