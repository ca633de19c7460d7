import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { viewValidation } from '../answers/validation-views.js';
import { viewNames, viewRegistration } from '../answers/views.js';
import { requireClientOrOwner, requirePanel } from '../auth.js';
import { oneOf } from '../decoding.js';
import { IdParams, queryValues, read } from '../input.js';
import type { NameReview, Registration, Validation } from '../model.js';
import { compareFaces } from '../rules/comparisons.js';
import type { SandboxState } from '../state.js';
import { findOrRefuse } from './registrations.js';

const idOf = (request: FastifyRequest): string => read(IdParams, request.params).id;

/** Finds a document for changing. */
const findDocument = (state: SandboxState, id: string): Validation => {
  // Loading the registration of a population makes changes of its validations last.
  state.registrations.get(state.findValidation(id)?.appRegistrationId ?? '');
  const validation = state.findValidation(id);
  if (validation?.kind !== 'document') throw new Refusal('documentValidation_not_found');
  return validation;
};

const NameReviewBody = t.intersection([
  t.type({ decision: oneOf('match', 'mismatch') }),
  t.partial({ note: t.string }),
]);

const addDocumentCalls = (app: FastifyInstance, state: SandboxState): void => {
  app.put('/document-validations/:id/validate', async (request) => {
    const validation = findDocument(state, idOf(request));
    await requireClientOrOwner(state, request, validation.appRegistrationId);
    return { data: viewValidation(state, validation) };
  });

  app.put('/document-validations/:id/manual-name-review', async (request) => {
    await requirePanel(state, request);
    const validation = findDocument(state, idOf(request));
    const { decision, note } = read(NameReviewBody, request.body);
    const review: NameReview = { decision, ...(note === undefined ? {} : { note }) };
    validation.nameReview = review;
    return { data: viewValidation(state, validation) };
  });
};

const addBackgroundCheck = (app: FastifyInstance, state: SandboxState): void => {
  app.put('/information-validations/:id/background-check', async (request) => {
    const _id = idOf(request);
    const registration = state.registrations.byInformation(_id);
    if (registration === undefined) throw new Refusal('informationValidation_not_found');
    await requireClientOrOwner(state, request, registration._id);
    const information = { _id, ...viewNames(registration) };
    const event = { ...information, webhook: state.settings.webhookUrl };
    state.webhooks.send('information_validation_background_check', event, registration._id);
    return { data: information };
  });
};

const countBy = (registrations: readonly Registration[], labels: (one: Registration) => readonly string[]) => {
  const counts = new Map<string, number>();
  for (const label of registrations.flatMap(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count }));
};

const reasonsOf =
  (kind: Validation['kind']) =>
  ({ failed = [] }: Registration) =>
    failed
      .filter((one) => one.kind === kind)
      .map(({ failedReason }) => failedReason?.replace(/^\d+:/, '') ?? 'unspecified');

/** Adds the undocumented calls of Verifik's panel that read and repeat checks. */
export const addPanel = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/app-registrations/:id/rerun-compare', async (request) => {
    await requirePanel(state, request);
    const registration = findOrRefuse(state, idOf(request));
    await compareFaces(state, registration);
    return { data: viewRegistration(state, registration, ['compareFaceVerification']) };
  });

  app.get('/app-registrations/statistics', async (request) => {
    await requirePanel(state, request);
    const [project] = queryValues(request.query, 'project');
    const { found } = state.registrations.page({ project }, 0, Number.MAX_SAFE_INTEGER);
    const funnel = {
      total: found.length,
      byStatus: countBy(found, ({ status }) => [status]),
      byCurrentStep: countBy(found, ({ currentStep }) => [currentStep]),
      documentFailures: countBy(found, reasonsOf('document')),
      livenessFailures: countBy(found, reasonsOf('biometric')),
    };
    return { data: { funnel } };
  });

  addDocumentCalls(app, state);
  addBackgroundCheck(app, state);
};
