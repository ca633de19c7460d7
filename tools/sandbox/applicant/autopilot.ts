import { isPassed } from '../answers/words.js';
import type { Kind, Registration } from '../model.js';
import { requiredChecks } from '../rules/flow.js';
import type { SandboxState } from '../state.js';
import { createApplicant } from './applicant.js';

export interface AutomaticApplicant {
  readonly token: string;
  /** The checks to repeat, because the registration has them from before. */
  readonly force: readonly Kind[];
}

/** Passes all mandatory checks and completes the registration at once, without HTTP calls or webhooks. */
export const passAllChecks = (state: SandboxState, registration: Registration): void => {
  const words = state.passedWords();
  const isOpen = (check: Kind) => !isPassed(registration.validations[check]?.status ?? '');
  for (const check of requiredChecks(state.settings, registration).filter(isOpen))
    state.setResult(state.addValidation(registration, check, words[check]), words[check]);
  const { document, biometric } = registration.validations;
  if (document !== undefined && biometric !== undefined)
    registration.compare = { _id: state.random.id(), passed: true, score: 0.97, at: state.now() };
  registration.status = state.word('completed');
  registration.currentStep = 'end';
  registration.completedAt = state.now();
  registration.updatedAt = state.now();
};

/**
 * Takes an applicant through the mandatory checks of the hosted page. Like a real applicant, it gives up at the first
 * error.
 */
export const runApplicant = async (
  url: string,
  { token, force }: AutomaticApplicant,
  checks: readonly Kind[],
): Promise<void> => {
  try {
    for await (const _step of createApplicant({ url, token }).goThrough({ checks, force }));
  } catch {
    // The applicant gives up.
  }
};
