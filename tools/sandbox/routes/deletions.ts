import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../answers/refusals.js';
import { requireClient, requireClientOrOwner, requirePanel } from '../auth.js';
import { IdParams, read } from '../input.js';
import type { Registration, Validation } from '../model.js';
import type { SandboxState } from '../state.js';
import { signatureAt } from './identity-validations.js';
import { findOrRefuse } from './registrations.js';

const idOf = (request: FastifyRequest): string => read(IdParams, request.params).id;

const findWith = (state: SandboxState, id: string, kind: 'document' | 'biometric') => {
  const validation = state.findValidation(id);
  const registration = state.registrations.get(validation?.appRegistrationId ?? '');
  if (validation?.kind !== kind || registration === undefined) throw new Refusal(`${kind}Validation_not_found`);
  return { validation, registration };
};

const deleteImage = (state: SandboxState, registration: Registration, validation: Validation): void => {
  state.deleteValidation(registration, validation);
  delete registration.compare;
};

const findByPerson = (state: SandboxState, personId: string): Registration | undefined => {
  for (const { _id, personId: own } of state.registrations.all())
    if (own === personId) return state.registrations.get(_id);
  return undefined;
};

/** Adds the deletion of documents, persons, selfies and registrations. Only the first two are documented. */
export const addDeletions = (app: FastifyInstance, state: SandboxState): void => {
  app.delete('/document-validations/:id', async (request) => {
    await requireClient(state, request);
    const { validation, registration } = findWith(state, idOf(request), 'document');
    deleteImage(state, registration, validation);
    const message = 'Document validation deleted successfully';
    return { success: true, message, signature: signatureAt(state.now()) };
  });

  app.delete('/face-recognition/persons/:id', async (request) => {
    await requireClient(state, request);
    const _id = idOf(request);
    const registration = findByPerson(state, _id);
    if (registration?.validations.biometric === undefined) throw new Refusal('person_not_found');
    deleteImage(state, registration, registration.validations.biometric);
    return { id: request.id, data: { _id }, signature: signatureAt(state.now()) };
  });

  app.delete('/biometric-validations/:id', async (request) => {
    const { validation, registration } = findWith(state, idOf(request), 'biometric');
    await requireClientOrOwner(state, request, registration._id);
    deleteImage(state, registration, validation);
    return { data: { _id: validation._id } };
  });

  app.delete('/app-registrations/:id', async (request) => {
    await requirePanel(state, request);
    const registration = findOrRefuse(state, idOf(request));
    state.forget(registration);
    return { data: { _id: registration._id } };
  });
};
