import type { Registration } from '../model.js';
import { type Flow, flowOf } from '../rules/flow.js';
import type { SandboxState } from '../state.js';

type Json = Readonly<Record<string, unknown>>;

const signUpForm = ({ emailGateway, phoneGateway, fullNameStyle }: Flow): Json => ({
  fullName: true,
  fullNameStyle,
  email: true,
  emailGateway,
  phone: true,
  phoneGateway,
  countryCode: 'US',
  showTermsAndConditions: true,
  showPrivacyNotice: true,
});

/** The steps of the hosted page, as responses with a token contain them. */
export const viewSteps = ({ settings }: SandboxState): Json => {
  const { emailGateway, phoneGateway, document, liveness } = flowOf(settings);
  const signUp = emailGateway === 'none' && phoneGateway === 'none' ? 'optional' : 'mandatory';
  return { signUpForm: signUp, basicInformation: 'skip', document, liveness, form: 'skip' };
};

const documentTypes = [
  {
    country: 'United States',
    configurations: [{ active: true, documentCategory: 'government_id', documentTemplates: [] }],
  },
];

const viewLatest = (flow: Flow): Json => ({
  signUpForm: signUpForm(flow),
  documents: {
    attemptLimit: flow.documentAttempts,
    criminalHistoryVerification: flow.criminalHistoryVerification,
    informationVerification: flow.informationVerification,
    screening: flow.screening,
    verificationMethods: ['SCAN_PROMPT'],
    documentTypes,
  },
  liveness: {
    attemptLimit: flow.livenessAttempts,
    minScore: flow.minScore,
    compareMinScore: flow.compareMinScore,
    searchMinScore: flow.searchMinScore,
    searchMode: 'FAST',
  },
  steps: { document: flow.document, liveness: flow.liveness },
});

const viewSecond = (state: SandboxState, flow: Flow): Json => ({
  onboardingSettings: {
    signUpForm: signUpForm(flow),
    document: {
      maxAttempts: flow.documentAttempts,
      compareMinScore: flow.compareMinScore,
      verifyNames: flow.informationVerification,
      verifyCriminalHistory: flow.criminalHistoryVerification,
    },
    liveness: { maxAttempts: flow.livenessAttempts, livenessMinScore: flow.minScore },
    steps: viewSteps(state),
  },
});

const viewConfiguration = (flow: Flow): Json => {
  const email = { enabled: flow.emailGateway !== 'none', required: flow.emailGateway !== 'none' };
  const phone = { enabled: flow.phoneGateway !== 'none', required: flow.phoneGateway !== 'none' };
  const biometric = { enabled: flow.liveness !== 'skip', required: flow.liveness === 'mandatory' };
  const document = { enabled: flow.document !== 'skip', required: flow.document === 'mandatory' };
  const sms = flow.phoneGateway === 'whatsapp' ? 'whatsapp' : 'sms';
  const steps = Object.entries({ email, phone, biometric, document }).filter(([, { enabled }]) => enabled);
  return {
    description: 'A flow as on the page of the project flow object',
    configuration: {
      emailVerification: { ...email, method: 'verificationCode' },
      phoneVerification: { ...phone, method: sms, countryCode: '+1' },
      biometricVerification: { ...biometric, livenessDetection: true, antiSpoofing: true },
      documentVerification: { ...document, documentTypes: ['id', 'passport', 'driver_license'] },
      securityThresholds: {
        livenessScore: flow.minScore,
        biometricScore: flow.compareMinScore,
        documentScore: 0.9,
      },
    },
    steps: steps.map(([stepType, { required }], index) => ({ stepType, order: index + 1, required, config: {} })),
  };
};

/** Formats a project flow in the configured generation of the API. */
export const viewFlow = (
  state: SandboxState,
  { projectFlow, project }: Pick<Registration, 'projectFlow' | 'project'>,
): Json => {
  const flow = flowOf(state.settings);
  const common = {
    _id: projectFlow,
    project,
    client: 'client_of_the_sandbox',
    type: 'onboarding',
    name: 'A project flow of the sandbox',
    target: flow.target,
    status: flow.status,
    version: flow.version,
    createdAt: '2024-01-15T10:30:00.000Z',
    updatedAt: '2024-01-15T10:30:00.000Z',
  };
  switch (state.settings.flowShape) {
    case 'v3':
      return { ...common, ...viewLatest(flow) };
    case 'v2':
      return { ...common, ...viewSecond(state, flow) };
    case 'configuration':
      return { ...common, ...viewConfiguration(flow) };
  }
};
