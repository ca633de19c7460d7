import { Refusal } from '../answers/refusals.js';
import { viewCompareResult, viewRegistrationEvent } from '../answers/views.js';
import type { Registration } from '../model.js';
import type { SandboxState } from '../state.js';
import { flowOf } from './flow.js';
import { takeForced } from './outcomes.js';

const SAME_PERSON = 0.97;
const OTHER_PERSON = 0.41;

/** True once Verifik has compared the faces and found the same person. */
export const hasPassedComparison = ({ compare }: Registration): boolean => compare?.passed === true;

const isKnown = (state: SandboxState, registration: Registration): boolean =>
  state.registrations.get(registration._id) === registration;

const checkImages = ({ validations: { document, biometric } }: Registration): void => {
  if (document !== undefined && biometric !== undefined) return;
  const missing = document === undefined ? 'documentValidation' : 'biometricValidation';
  throw new Refusal('MissingParameter', { detail: `${missing}: expected one before the faces are compared` });
};

/**
 * Compares the selfie with the portrait in the document. The registration has the result after `compareDelayMs`.
 * Without a portrait, no comparison runs, and the registration gets no result. Throws a refusal without a document or
 * selfie.
 */
export const compareFaces = async (state: SandboxState, registration: Registration): Promise<void> => {
  checkImages(registration);
  if (registration.validations.document?.hasNoPortrait) return;
  const outcome = takeForced(registration.outcomes, 'compare') ?? 'passed';
  if (outcome === 'never') return;
  const { _id } = registration;
  const id = state.random.id();
  await state.work(state.settings.compareDelayMs);
  if (!isKnown(state, registration)) return;
  const score = outcome === 'passed' ? SAME_PERSON : OTHER_PERSON;
  const passed = score >= flowOf(state.settings).compareMinScore;
  const compare = { _id: id, passed, score, at: state.now() };
  registration.compare = compare;
  const compareResult = viewCompareResult(state, compare);
  const event = { ...viewRegistrationEvent(state, registration), compareResult };
  state.webhooks.send('face_verification_compare', event, _id);
};
