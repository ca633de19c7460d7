import * as t from 'io-ts';
import { Count, oneOf, Rate } from '../decoding.js';
import { type Contact, KINDS, type Kind } from '../model.js';
import { hasContactFor } from './contacts.js';

const Requirement = oneOf('mandatory', 'optional', 'skip');

const FIELDS = {
  status: oneOf('draft', 'active', 'paused'),
  target: oneOf('personal', 'business'),
  version: Count,
  /** `none`: the email is collected and never verified. */
  emailGateway: oneOf('mailgun', 'none'),
  /** `none`: the phone is collected and never verified. */
  phoneGateway: oneOf('sms', 'whatsapp', 'both', 'none'),
  document: Requirement,
  liveness: Requirement,
  documentAttempts: Count,
  livenessAttempts: Count,
  minScore: Rate,
  compareMinScore: Rate,
  searchMinScore: Rate,
  fullNameStyle: oneOf('together', 'separate'),
  informationVerification: t.boolean,
  criminalHistoryVerification: t.boolean,
  screening: t.boolean,
};

/** Changes of the project flows. The names are those of the latest generation of the API, without nesting. */
export const FlowChange = t.refinement(
  t.partial(FIELDS),
  (change) => Object.keys(change).every((name) => Object.hasOwn(FIELDS, name)),
  `an object with some of ${Object.keys(FIELDS).join(', ')}`,
);

/** A project flow: what an applicant has to pass. */
export type Flow = Readonly<Required<t.TypeOf<typeof FlowChange>>>;

interface FlowSettings {
  readonly mandatory: readonly Kind[];
  readonly flow: t.TypeOf<typeof FlowChange>;
}

/** Returns the flow in effect: the checks of the setting `mandatory`, with the changes of the setting `flow`. */
export const flowOf = ({ mandatory, flow }: FlowSettings): Flow => ({
  status: 'active',
  target: 'personal',
  version: 1,
  emailGateway: mandatory.includes('email') ? 'mailgun' : 'none',
  phoneGateway: mandatory.includes('phone') ? 'sms' : 'none',
  document: mandatory.includes('document') ? 'mandatory' : 'optional',
  liveness: mandatory.includes('biometric') ? 'mandatory' : 'optional',
  documentAttempts: 3,
  livenessAttempts: 3,
  minScore: 0.65,
  compareMinScore: 0.85,
  searchMinScore: 0.8,
  fullNameStyle: 'together',
  informationVerification: false,
  criminalHistoryVerification: false,
  screening: false,
  ...flow,
});

const isRequired = ({ emailGateway, phoneGateway, document, liveness }: Flow, kind: Kind): boolean => {
  switch (kind) {
    case 'email':
      return emailGateway !== 'none';
    case 'phone':
      return phoneGateway !== 'none';
    case 'document':
      return document === 'mandatory';
    case 'biometric':
      return liveness === 'mandatory';
  }
};

/** The checks that a registration with these contacts has to pass, in the order of the hosted page. */
export const requiredChecks = (settings: FlowSettings, contact: Contact): readonly Kind[] => {
  const flow = flowOf(settings);
  return KINDS.filter((kind) => isRequired(flow, kind) && hasContactFor(contact, kind));
};

/** True if the flow has the check at all. */
export const offersCheck = (settings: FlowSettings, kind: Kind): boolean => {
  const flow = flowOf(settings);
  if (kind === 'document') return flow.document !== 'skip';
  return kind === 'biometric' ? flow.liveness !== 'skip' : isRequired(flow, kind);
};
