import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { viewCreated, viewRegistration, viewRegistrationEvent } from '../answers/views.js';
import { isPassed } from '../answers/words.js';
import { passAllChecks, runApplicant } from '../applicant/autopilot.js';
import { issueToken, requireApplicant, requireClient, requireClientOrNobody } from '../auth.js';
import { IdParams, queryValues, read, Text } from '../input.js';
import { type Caller, type Contact, KINDS, type Registration } from '../model.js';
import { requiredChecks } from '../rules/flow.js';
import { moveTo } from '../rules/overrides.js';
import type { SandboxState } from '../state.js';

/** A field that may be an empty text, null or a contact with spaces. */
const Loose = t.union([t.string, t.null], 'a text');

const CreateBody = t.intersection([
  t.type({ project: Text, projectFlow: Text }),
  t.partial({
    email: Loose,
    phone: t.union([t.string, t.number, t.null], 'a text or a number'),
    countryCode: Loose,
    fullName: Loose,
    firstName: Loose,
    lastName: Loose,
    language: t.string,
  }),
]);

type CreateFields = t.TypeOf<typeof CreateBody>;

/** Refuses a phone number or country code that Verifik does not accept. */
export const checkPhone = ({
  phone,
  countryCode,
}: {
  readonly [Field in 'phone' | 'countryCode']?: string | undefined;
}): void => {
  if (phone && !countryCode) throw new Refusal('missing countryCode');
  if (countryCode && !/^\+\d{1,3}$/.test(countryCode)) throw new Refusal('Invalid countryCode format');
  if (phone && !/^\d+$/.test(phone)) throw new Refusal('MissingParameter', { detail: 'phone: expected digits only' });
};

/** Refuses an email address that Verifik or the project's policy does not accept. */
export const checkEmail = (email: string | undefined, state: SandboxState): void => {
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Refusal('Invalid email format');
  if (email && state.settings.refusedDomains.includes(email.split('@')[1]?.toLowerCase() ?? ''))
    throw new Refusal('email domain not allowed');
};

const checkContact = (contact: Contact, state: SandboxState): void => {
  const { email, phone } = contact;
  if (!email && !phone) throw new Refusal('MISSING_CONTACT_INFO');
  checkPhone(contact);
  checkEmail(email, state);
};

const checkFlow = ({ project, projectFlow }: CreateFields, { settings }: SandboxState): void => {
  const flows = new Map(Object.entries(settings.projectFlows));
  if (flows.get(projectFlow) === project) return;
  throw new Refusal([...flows.values()].includes(project) ? 'INVALID_PROJECT_FLOW' : 'project_not_found');
};

const nameOf = ({ fullName, firstName, lastName }: CreateFields, { settings }: SandboxState): string => {
  const name = fullName || [firstName, lastName].filter((part) => part).join(' ');
  if (name.trim() === '' && settings.fullName === 'required')
    throw new Refusal('MissingParameter', { detail: 'fullName: expected a text' });
  return name;
};

const withoutSpaces = (value: string | number | null | undefined): string => String(value ?? '').replace(/\s/g, '');

const contactOf = (body: CreateFields): Contact => {
  const [email, phone, countryCode] = [body.email, body.phone, body.countryCode].map(withoutSpaces);
  return { ...(email ? { email } : {}), ...(phone ? { phone } : {}), ...(countryCode ? { countryCode } : {}) };
};

const orRefuse = (registration: Registration | undefined): Registration => {
  if (registration === undefined) throw new Refusal('appRegistration_not_found');
  return registration;
};

/** Finds a registration for changing, or throws a refusal. */
export const findOrRefuse = (state: SandboxState, id: string): Registration => orRefuse(state.registrations.get(id));

/** Recreates a registration, as Verifik does: voids its tokens and deletes its email and phone validations. */
const recreate = (state: SandboxState, registration: Registration, contact: Contact): void => {
  const { email, phone } = registration.validations;
  const discards = [email, phone].some((validation) => validation !== undefined && isPassed(validation.status));
  state.ledger.registrationRecreated(registration._id, discards);
  registration.epoch += 1;
  moveTo(state, registration, state.word('started'));
  registration.currentStep = '1';
  state.registrations.changeContact(registration, contact);
  state.deleteValidation(registration, email);
  state.deleteValidation(registration, phone);
};

const create = (state: SandboxState, body: CreateFields, caller: Caller): Registration => {
  const contact = contactOf(body);
  const fullName = nameOf(body, state);
  const known = state.registrations.findByContact(body.projectFlow, contact);
  if (known !== undefined) {
    const { reRegistration } = state.settings;
    if (reRegistration === 'resume') throw new Refusal(`${known.by}_is_registered_already`);
    if (reRegistration === 'unique') throw new Refusal('phone, email, projectFlow must be unique');
    recreate(state, known.registration, contact);
    return known.registration;
  }
  const { project, projectFlow, language = 'en' } = body;
  return state.addRegistration({ project, projectFlow, language, fullName, caller, ...contact });
};

export const addRegistrations = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/app-registrations', async (request) => {
    await requireClientOrNobody(state, request);
    const body = read(CreateBody, request.body);
    checkContact(contactOf(body), state);
    checkFlow(body, state);
    const caller = { ipAddress: request.ip, userAgent: request.headers['user-agent'] ?? '' };
    const registration = create(state, body, caller);
    const { token } = await issueToken(state, registration, 'created');
    state.webhooks.send('app_registration_created', viewRegistrationEvent(state, registration), registration._id);
    const { applicants, returningApplicants } = state.settings;
    // Checks from before a recreation are repeated only by force.
    const force = KINDS.filter(
      (kind) => returningApplicants === 'redo' && registration.validations[kind] !== undefined,
    );
    if (applicants === 'alone')
      void runApplicant(`http://${request.host}`, { token, force }, requiredChecks(state.settings, registration));
    const created = viewCreated(state, registration, token, caller);
    if (applicants === 'atOnce') passAllChecks(state, registration);
    return created;
  });

  app.get('/app-registrations/:id', async (request) => {
    await requireClient(state, request);
    const registration = orRefuse(state.registrations.peek(read(IdParams, request.params).id));
    return { data: viewRegistration(state, registration, queryValues(request.query, 'populates[]')) };
  });

  app.post('/app-registrations/me', async (request) => {
    const registration = await requireApplicant(state, request);
    const { populates = [] } = read(t.partial({ populates: t.array(t.string) }), request.body);
    return { data: viewRegistration(state, registration, populates) };
  });

  app.get('/app-registrations/me', async (request) => {
    const registration = await requireApplicant(state, request);
    return { data: viewRegistration(state, registration, queryValues(request.query, 'populates[]')) };
  });
};
