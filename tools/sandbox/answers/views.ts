import {
  type Caller,
  type Comparison,
  KINDS,
  type ManualReview,
  type Registration,
  type Validation,
} from '../model.js';
import { flowOf } from '../rules/flow.js';
import type { SandboxState } from '../state.js';
import { viewFlow } from './flow-views.js';
import { CLIENT, iso, viewContact, viewNames, viewValidation } from './validation-views.js';

export { viewNames } from './validation-views.js';

type Json = Readonly<Record<string, unknown>>;

export const viewCompareResult = ({ settings }: SandboxState, { passed, score }: Comparison): Json => {
  const scale = (unit: number) => (settings.compareScores === 'percent' ? Math.round(unit * 100) : unit);
  return { score: scale(score), passed, compare_min_score: scale(flowOf(settings).compareMinScore) };
};

interface ReferenceView {
  readonly name: string;
  readonly id: string;
  readonly full: () => Json;
}

const references = (state: SandboxState, registration: Registration): readonly ReferenceView[] => {
  const { project, projectFlow, informationValidationId, personId, validations, compare } = registration;
  const named = () => viewNames(registration);
  const { document, biometric } = validations;
  const faceId = document && `${document._id.slice(0, -1)}f`;
  return [
    { name: 'project', id: project, full: () => ({ _id: project, name: 'A project of the sandbox' }) },
    { name: 'projectFlow', id: projectFlow, full: () => viewFlow(state, registration) },
    {
      name: 'informationValidation',
      id: informationValidationId,
      full: () => ({ _id: informationValidationId, ...named() }),
    },
    ...Object.values(validations).map((validation) => ({
      name: `${validation.kind}Validation`,
      id: validation._id,
      full: () => viewValidation(state, validation),
    })),
    ...(biometric === undefined ? [] : [{ name: 'person', id: personId, full: () => ({ _id: personId, ...named() }) }]),
    ...(faceId === undefined || document?.hasNoPortrait
      ? []
      : [{ name: 'documentFace', id: faceId, full: () => ({ _id: faceId }) }]),
    ...(compare === undefined
      ? []
      : [
          {
            name: 'compareFaceVerification',
            id: compare._id,
            full: () => ({
              _id: compare._id,
              result: viewCompareResult(state, compare),
              comparedAt: iso(compare.at),
            }),
          },
        ]),
  ];
};

const NULL_REFERENCES = Object.fromEntries(
  [...KINDS.map((kind) => `${kind}Validation`), 'person', 'documentFace', 'compareFaceVerification'].map((name) => [
    name,
    null,
  ]),
);

/** Formats the failed attempts of a kind: ids, or objects, of which some can lack their id. */
const viewFailed = (state: SandboxState, validations: readonly Validation[], isPopulated: boolean): unknown[] =>
  validations.map((validation, index) => {
    if (!isPopulated) return validation._id;
    const { _id, ...withoutId } = viewValidation(state, validation);
    return state.settings.failedIds === 'some' && index % 2 === 1 ? withoutId : { _id, ...withoutId };
  });

const REVIEWERS = {
  client: { reviewedByClient: { _id: CLIENT, name: 'A client', email: 'client@example.com' } },
  staff: { reviewedByStaff: { _id: 'staff_of_the_sandbox', name: 'A reviewer', email: 'reviewer@example.com' } },
} as const;

const viewReview = ({ by, at, ...review }: ManualReview): Json => ({
  ...review,
  ...REVIEWERS[by],
  createdAt: iso(at),
});

const viewLists = (state: SandboxState, { failed = [], manualReviews = [] }: Registration, honoured: Populates) => {
  const of = (kind: Validation['kind'], name: string) =>
    viewFailed(
      state,
      failed.filter((one) => one.kind === kind),
      honoured(name),
    );
  return {
    failedDocumentValidations: of('document', 'failedDocumentValidations'),
    failedBiometricValidations: of('biometric', 'failedBiometricValidations'),
    manualReviewLog: manualReviews.map(viewReview),
  };
};

type Populates = (name: string) => boolean;

/** Formats a registration. `populates` names the references to include in full, as `person` or `person.face`. */
export const viewRegistration = (
  state: SandboxState,
  registration: Registration,
  populates: readonly string[] = [],
): Json => {
  const { _id, fullName, language, currentStep, status, caller, completedAt, token } = registration;
  const { references: setting, absentValues, secretsInReads } = state.settings;
  const names = new Set(setting === 'populated' ? populates.map((name) => name.split('.')[0]) : []);
  const honoured: Populates = (name) => names.has(name);
  // A reference is an id, an object if populated, or null if it does not exist.
  const shown = references(state, registration).map(({ name, id, full }) => [name, honoured(name) ? full() : id]);
  return {
    _id,
    client: CLIENT,
    status,
    currentStep,
    ...viewContact(state, registration),
    fullName: fullName ?? (absentValues === 'empty' ? '' : null),
    language,
    ...NULL_REFERENCES,
    ...Object.fromEntries(shown),
    ...viewLists(state, registration, honoured),
    ...caller,
    ...(secretsInReads === 'present' ? { token: token ?? '' } : {}),
    ...(completedAt === undefined ? {} : { completedAt: iso(completedAt) }),
    createdAt: iso(registration.createdAt),
    updatedAt: iso(registration.updatedAt),
  };
};

/** Formats a registration for a webhook: with the webhook's URL, and the secret in it. */
export const viewRegistrationEvent = (state: SandboxState, registration: Registration): Json => ({
  ...viewRegistration(state, registration),
  webhook: state.settings.webhookUrl,
});

export const viewCreated = (state: SandboxState, registration: Registration, token: string, caller: Caller): Json => {
  const view = viewRegistration(state, registration);
  if (state.settings.createAnswer === 'flat') return { success: true, data: { ...view, token, ...caller } };
  const { fullName, ...appRegistration } = view;
  const informationValidation = { _id: registration.informationValidationId, ...viewNames(registration) };
  return { data: { appRegistration, informationValidation, token } };
};
