import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type CheckName, type PerCheck, perCheck } from '../domain/checks.js';
import type { FlowCheck, ProjectFlow } from '../domain/project-flow.js';
import { decodeFields, oneOf, type Read, wrongField } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { unitOf } from './comparison.js';
import { type Decode, idOf, inData, orNull } from './decode.js';

const Fields = t.partial({
  project: t.unknown,
  status: orNull(oneOf(['draft', 'active', 'paused'])),
  target: orNull(oneOf(['personal', 'business'])),
  version: t.unknown,
  signUpForm: t.unknown,
  documents: t.unknown,
  liveness: t.unknown,
  steps: t.unknown,
  onboardingSettings: t.unknown,
  configuration: t.unknown,
});

type FlowFields = t.TypeOf<typeof Fields>;

/** The part of a flow that each API generation has at another place. */
type Rules = Pick<ProjectFlow, 'checks' | 'attemptLimits' | 'compareMinScore'>;

type Section = Readonly<Record<string, unknown>>;

const isSection = t.UnknownRecord.is;

const sectionOf = (value: unknown): Section => (isSection(value) ? value : {});

const attemptsOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** Only the documented words make a check less than mandatory. */
const readStep = (word: unknown): FlowCheck =>
  word === 'skip' ? 'none' : word === 'optional' ? 'optional' : 'mandatory';

/** A contact that is not collected, or whose gateway is `none`, is never verified. */
const readChannel = (form: Section, channel: 'email' | 'phone', step: FlowCheck): FlowCheck =>
  form[channel] === false || form[`${channel}Gateway`] === 'none' ? 'none' : step;

const checksOf = (form: Section, steps: Section): PerCheck<FlowCheck> => {
  const signUp = readStep(steps['signUpForm']);
  return {
    email: readChannel(form, 'email', signUp),
    phone: readChannel(form, 'phone', signUp),
    document: readStep(steps['document']),
    biometric: readStep(steps['liveness']),
  };
};

const readLatest = ({ signUpForm, steps, documents, liveness }: FlowFields): Rules => ({
  checks: checksOf(sectionOf(signUpForm), sectionOf(steps)),
  attemptLimits: defined({
    document: attemptsOf(sectionOf(documents)['attemptLimit']),
    biometric: attemptsOf(sectionOf(liveness)['attemptLimit']),
  }),
  ...defined({ compareMinScore: unitOf(sectionOf(liveness)['compareMinScore']) }),
});

const readSecond = (settings: Section): Rules => {
  const [document, liveness] = [sectionOf(settings['document']), sectionOf(settings['liveness'])];
  return {
    checks: checksOf(sectionOf(settings['signUpForm']), sectionOf(settings['steps'])),
    attemptLimits: defined({
      document: attemptsOf(document['maxAttempts']),
      biometric: attemptsOf(liveness['maxAttempts']),
    }),
    ...defined({ compareMinScore: unitOf(liveness['compareMinScore'] ?? document['compareMinScore']) }),
  };
};

/** A check that is disabled, or that is not among the steps, does not happen. */
const readConfigured = (check: CheckName, configuration: Section, steps: readonly Section[]): FlowCheck => {
  const settings = sectionOf(configuration[`${check}Verification`]);
  const step = steps.find(({ stepType }) => stepType === check);
  const isListed = steps.length > 0 ? step !== undefined : settings['enabled'] === true;
  if (settings['enabled'] === false || !isListed) return 'none';
  return (step?.['required'] ?? settings['required']) === false ? 'optional' : 'mandatory';
};

const readConfiguration = (configuration: Section, steps: readonly unknown[]): Rules => ({
  checks: perCheck((check) => readConfigured(check, configuration, steps.filter(isSection))),
  attemptLimits: {},
  ...defined({ compareMinScore: unitOf(sectionOf(configuration['securityThresholds'])['biometricScore']) }),
});

const readRules = (fields: FlowFields): Read<Rules> => {
  const { signUpForm, steps, onboardingSettings, configuration } = fields;
  if (isSection(signUpForm) || (isSection(steps) && !isSection(onboardingSettings))) return E.right(readLatest(fields));
  if (isSection(onboardingSettings)) return E.right(readSecond(onboardingSettings));
  if (isSection(configuration) || Array.isArray(steps))
    return E.right(readConfiguration(sectionOf(configuration), Array.isArray(steps) ? steps : []));
  return wrongField('steps', 'the steps of a project flow');
};

/** Decodes `GET /project-flows/{id}`: v3, v2 with `onboardingSettings`, or with `configuration` and a list of steps. */
export const projectFlowAnswer: Decode<ProjectFlow> = inData((data) =>
  E.chain((fields: FlowFields) =>
    E.map(
      (rules: Rules): ProjectFlow => ({
        status: fields.status ?? 'active',
        target: fields.target ?? 'personal',
        ...rules,
        ...defined({
          project: idOf(fields.project),
          version: typeof fields.version === 'number' ? fields.version : undefined,
        }),
      }),
    )(readRules(fields)),
  )(decodeFields(Fields)(data)),
);
