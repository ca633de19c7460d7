import { createApplicant } from './applicant.js';
import { KINDS, type Kind, type Registration } from './model.js';
import { isPassed } from './words.js';
import type { World } from './world.js';

/** A registration whose applicant is to go through by themselves. */
export interface Boarding {
  readonly token: string;
  readonly email?: string;
  readonly phone?: string;
  /** Which checks they do anew, where they have done them before. */
  readonly force: readonly Kind[];
}

const hasWay = ({ email, phone }: Pick<Boarding, 'email' | 'phone'>, check: Kind): boolean =>
  (check !== 'email' || email !== undefined) && (check !== 'phone' || phone !== undefined);

/** Has the registration passed everything that the flow asks for, as if its applicant took no time and made no calls. */
export const passAtOnce = (world: World, registration: Registration): void => {
  const words = world.passedWords();
  const isOpen = (check: Kind) =>
    hasWay(registration, check) && !isPassed(registration.validations[check]?.status ?? '');
  for (const check of world.settings.mandatory.filter(isOpen)) world.addValidation(registration, check, words[check]);
  const { document, biometric } = registration.validations;
  if (document !== undefined && biometric !== undefined)
    registration.compare = { _id: world.random.id(), passed: true, score: 0.97, at: world.now() };
  registration.status = world.word('completed');
  registration.currentStep = 'end';
  registration.updatedAt = world.now();
};

/**
 * Sends an applicant through the hosted page, as far as the flow asks for: each mandatory check that the registration has a way for,
 * and then the end. Whatever stops them, they give up.
 */
export const goThroughAlone = async (url: string, boarding: Boarding, mandatory: readonly Kind[]): Promise<void> => {
  const { token, force } = boarding;
  const checks = KINDS.filter((check) => mandatory.includes(check) && hasWay(boarding, check));
  try {
    for await (const _step of createApplicant({ url, token }).goThrough({ checks, force }));
  } catch {
    // They have given up.
  }
};
