import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { issueToken, requireApplicant, requireClient, requireClientOrOwner } from '../auth.js';
import { passAllChecks, runApplicant } from '../autopilot.js';
import { IdParams, queryNumber, queryValues, read, Text } from '../input.js';
import { type Contact, KINDS, type Registration } from '../model.js';
import { Refusal } from '../refusals.js';
import type { SandboxState } from '../state.js';
import { viewCreated, viewRegistration } from '../views.js';
import { isPassed, isSameStatus } from '../words.js';

const CreateBody = t.intersection([
  t.type({ project: Text, projectFlow: Text }),
  t.partial({
    email: t.string,
    phone: t.string,
    countryCode: t.string,
    fullName: t.string,
    firstName: t.string,
    lastName: t.string,
    language: t.string,
  }),
]);

type CreateFields = t.TypeOf<typeof CreateBody>;

const checkPhone = ({ phone, countryCode }: Contact): void => {
  if (phone && !countryCode) throw new Refusal('missing countryCode');
  if (countryCode && !/^\+\d{1,3}$/.test(countryCode)) throw new Refusal('Invalid countryCode format');
  if (phone && !/^\d+$/.test(phone)) throw new Refusal('MissingParameter', { detail: 'phone: expected digits only' });
};

const checkContact = (contact: CreateFields, state: SandboxState): void => {
  const { email, phone } = contact;
  if (!email && !phone) throw new Refusal('MISSING_CONTACT_INFO');
  checkPhone(contact);
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Refusal('Invalid email format');
  if (email && state.settings.refusedDomains.includes(email.split('@')[1]?.toLowerCase() ?? ''))
    throw new Refusal('email domain not allowed');
};

const checkFlow = ({ project, projectFlow }: CreateFields, { settings }: SandboxState): void => {
  const flows = new Map(Object.entries(settings.projectFlows));
  if (flows.get(projectFlow) === project) return;
  throw new Refusal([...flows.values()].includes(project) ? 'INVALID_PROJECT_FLOW' : 'project_not_found');
};

const nameOf = ({ fullName, firstName, lastName }: CreateFields, { settings }: SandboxState): string => {
  const name = fullName ?? [firstName, lastName].filter((part) => part !== undefined).join(' ');
  if (name.trim() === '' && settings.fullName === 'required')
    throw new Refusal('MissingParameter', { detail: 'fullName: expected a text' });
  return name;
};

const contactOf = ({ email, phone, countryCode }: CreateFields): Contact => ({
  ...(email ? { email } : {}),
  ...(phone && countryCode ? { phone, countryCode } : {}),
});

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
  registration.status = state.word('started');
  registration.currentStep = 'signUpForm';
  registration.updatedAt = state.now();
  state.registrations.changeContact(registration, contact);
  state.deleteValidation(registration, 'email');
  state.deleteValidation(registration, 'phone');
};

const create = (state: SandboxState, body: CreateFields): Registration => {
  const contact = contactOf(body);
  const fullName = nameOf(body, state);
  const known = state.registrations.findByContact(body.projectFlow, contact);
  if (known !== undefined) {
    if (state.settings.reRegistration === 'resume') throw new Refusal(`${known.by}_is_registered_already`);
    recreate(state, known.registration, contact);
    return known.registration;
  }
  const { project, projectFlow, language = 'en' } = body;
  return state.addRegistration({ project, projectFlow, language, fullName, ...contact });
};

const UpdateBody = t.partial({
  emailValidation: t.string,
  phoneValidation: t.string,
  phone: t.string,
  countryCode: t.string,
  replacePhone: t.boolean,
});

type UpdateFields = t.TypeOf<typeof UpdateBody>;

const checkLinks = ({ validations }: Registration, { emailValidation, phoneValidation }: UpdateFields): void => {
  if (emailValidation !== undefined && emailValidation !== validations.email?._id)
    throw new Refusal('emailValidation_not_found');
  if (phoneValidation !== undefined && phoneValidation !== validations.phone?._id)
    throw new Refusal('phoneValidation_not_found');
};

/** Changes the phone number and deletes the validation of the previous one. */
const replacePhone = (state: SandboxState, registration: Registration, { phone, countryCode }: UpdateFields): void => {
  const previous = { phone: registration.phone, countryCode: registration.countryCode };
  const next = { phone: phone ?? previous.phone ?? '', countryCode: countryCode ?? previous.countryCode ?? '' };
  checkPhone(next);
  if (next.phone === '' || (next.phone === previous.phone && next.countryCode === previous.countryCode)) return;
  const holder = state.registrations.findByContact(registration.projectFlow, next)?.registration;
  if (holder !== undefined && holder !== registration) throw new Refusal('phone_is_registered_already');
  state.registrations.changeContact(registration, next);
  state.deleteValidation(registration, 'phone');
};

const addList = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/app-registrations', async (request) => {
    await requireClient(state, request);
    const { query } = request;
    const page = queryNumber(query, 'page', 1);
    const limit = queryNumber(query, 'limit', 10, 100);
    const [project] = queryValues(query, 'where_project');
    const [projectFlow] = queryValues(query, 'where_projectFlow');
    const [status] = queryValues(query, 'where_status');
    const statuses = queryValues(query, 'in_status[]');
    const isWanted = (word: string) =>
      (status === undefined || isSameStatus(word, status)) &&
      (statuses.length === 0 || statuses.some((one) => isSameStatus(word, one)));
    const filter = { project, projectFlow, ...(status === undefined && statuses.length === 0 ? {} : { isWanted }) };
    const { found, total } = state.registrations.page(filter, (page - 1) * limit, limit);
    const populates = queryValues(query, 'populates[]');
    const data = found.map((one) => viewRegistration(state, one, populates));
    return { data, total, limit, page, pages: Math.max(Math.ceil(total / limit), 1) };
  });
};

export const addRegistrations = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/app-registrations', async (request) => {
    await requireClient(state, request);
    const body = read(CreateBody, request.body);
    checkContact(body, state);
    checkFlow(body, state);
    const registration = create(state, body);
    const token = await issueToken(state, registration, 'created');
    state.webhooks.send('app_registration_created', viewRegistration(state, registration));
    const { applicants, returningApplicants, mandatory } = state.settings;
    // Checks from before a recreation are repeated only by force.
    const force = KINDS.filter(
      (kind) => returningApplicants === 'redo' && registration.validations[kind] !== undefined,
    );
    if (applicants === 'alone')
      void runApplicant(`http://${request.host}`, { ...registration, token, force }, mandatory);
    const caller = { ipAddress: request.ip, userAgent: request.headers['user-agent'] ?? '' };
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

  app.put('/app-registrations/:id', async (request) => {
    const { id } = read(IdParams, request.params);
    await requireClientOrOwner(state, request, id);
    const registration = findOrRefuse(state, id);
    const fields = read(UpdateBody, request.body);
    checkLinks(registration, fields);
    replacePhone(state, registration, fields);
    registration.updatedAt = state.now();
    return { data: viewRegistration(state, registration) };
  });

  addList(app, state);
};
