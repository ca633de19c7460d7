import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asApplicant, asClient, asClientOrOwner, mintFor } from '../auth.js';
import { goThroughAlone, passAtOnce } from '../autopilot.js';
import { IdParams, read, several, Text, wholeNumber } from '../input.js';
import { type Contact, KINDS, type Registration } from '../model.js';
import { Refusal } from '../refusals.js';
import { viewCreated, viewRegistration } from '../views.js';
import { isPassed, sameStanding } from '../words.js';
import type { World } from '../world.js';

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

const checkContact = (contact: CreateFields, world: World): void => {
  const { email, phone } = contact;
  if (!email && !phone) throw new Refusal('MISSING_CONTACT_INFO');
  checkPhone(contact);
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Refusal('Invalid email format');
  if (email && world.settings.refusedDomains.includes(email.split('@')[1]?.toLowerCase() ?? ''))
    throw new Refusal('email domain not allowed');
};

const checkFlow = ({ project, projectFlow }: CreateFields, { settings }: World): void => {
  const flows = new Map(Object.entries(settings.projectFlows));
  if (flows.get(projectFlow) === project) return;
  throw new Refusal([...flows.values()].includes(project) ? 'INVALID_PROJECT_FLOW' : 'project_not_found');
};

const nameOf = ({ fullName, firstName, lastName }: CreateFields, { settings }: World): string => {
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

/** The registration of the id, to be changed as well, or a refusal. */
export const findOrRefuse = (world: World, id: string): Registration => orRefuse(world.registrations.get(id));

/** The applicant comes back: a new token, and the email and phone validations are deleted. */
const recreate = (world: World, registration: Registration, contact: Contact): void => {
  const { email, phone } = registration.validations;
  const discards = [email, phone].some((validation) => validation !== undefined && isPassed(validation.status));
  world.ledger.registrationRecreated(registration._id, discards);
  registration.epoch += 1;
  registration.status = world.word('started');
  registration.currentStep = 'signUpForm';
  registration.updatedAt = world.now();
  world.registrations.changeContact(registration, contact);
  world.deleteValidation(registration, 'email');
  world.deleteValidation(registration, 'phone');
};

const create = (world: World, body: CreateFields): Registration => {
  const contact = contactOf(body);
  const fullName = nameOf(body, world);
  const known = world.registrations.findByContact(body.projectFlow, contact);
  if (known !== undefined) {
    if (world.settings.reRegistration === 'resume') throw new Refusal(`${known.by}_is_registered_already`);
    recreate(world, known.registration, contact);
    return known.registration;
  }
  const { project, projectFlow, language = 'en' } = body;
  return world.addRegistration({ project, projectFlow, language, fullName, ...contact });
};

const UpdateBody = t.partial({
  emailValidation: t.string,
  phoneValidation: t.string,
  phone: t.string,
  countryCode: t.string,
  replacePhone: t.boolean,
});

type UpdateFields = t.TypeOf<typeof UpdateBody>;

/** A validation belongs to its registration from the start: linking another's is refused. */
const checkLinks = ({ validations }: Registration, { emailValidation, phoneValidation }: UpdateFields): void => {
  if (emailValidation !== undefined && emailValidation !== validations.email?._id)
    throw new Refusal('emailValidation_not_found');
  if (phoneValidation !== undefined && phoneValidation !== validations.phone?._id)
    throw new Refusal('phoneValidation_not_found');
};

/** Another number has not been validated: what was validated of the former one is gone. */
const replacePhone = (world: World, registration: Registration, { phone, countryCode }: UpdateFields): void => {
  const former = { phone: registration.phone, countryCode: registration.countryCode };
  const next = { phone: phone ?? former.phone ?? '', countryCode: countryCode ?? former.countryCode ?? '' };
  checkPhone(next);
  if (next.phone === '' || (next.phone === former.phone && next.countryCode === former.countryCode)) return;
  const holder = world.registrations.findByContact(registration.projectFlow, next)?.registration;
  if (holder !== undefined && holder !== registration) throw new Refusal('phone_is_registered_already');
  world.registrations.changeContact(registration, next);
  world.deleteValidation(registration, 'phone');
};

const addList = (app: FastifyInstance, world: World): void => {
  app.get('/app-registrations', async (request) => {
    await asClient(world, request);
    const { query } = request;
    const page = wholeNumber(query, 'page', 1);
    const limit = wholeNumber(query, 'limit', 10, 100);
    const [project] = several(query, 'where_project');
    const [projectFlow] = several(query, 'where_projectFlow');
    const [status] = several(query, 'where_status');
    const statuses = several(query, 'in_status[]');
    const isWanted = (word: string) =>
      (status === undefined || sameStanding(word, status)) &&
      (statuses.length === 0 || statuses.some((one) => sameStanding(word, one)));
    const filter = { project, projectFlow, ...(status === undefined && statuses.length === 0 ? {} : { isWanted }) };
    const { found, total } = world.registrations.page(filter, (page - 1) * limit, limit);
    const populates = several(query, 'populates[]');
    const data = found.map((one) => viewRegistration(world, one, populates));
    return { data, total, limit, page, pages: Math.max(Math.ceil(total / limit), 1) };
  });
};

/** The registrations: create, read, list, update. */
export const addRegistrations = (app: FastifyInstance, world: World): void => {
  app.post('/app-registrations', async (request) => {
    await asClient(world, request);
    const body = read(CreateBody, request.body);
    checkContact(body, world);
    checkFlow(body, world);
    const registration = create(world, body);
    const token = await mintFor(world, registration, 'created');
    world.webhooks.send('app_registration_created', viewRegistration(world, registration));
    const { applicants, returningApplicants, mandatory } = world.settings;
    // Only what was there before has to be forced.
    const force = KINDS.filter(
      (kind) => returningApplicants === 'redo' && registration.validations[kind] !== undefined,
    );
    if (applicants === 'alone')
      void goThroughAlone(`http://${request.host}`, { ...registration, token, force }, mandatory);
    const caller = { ipAddress: request.ip, userAgent: request.headers['user-agent'] ?? '' };
    const created = viewCreated(world, registration, token, caller);
    if (applicants === 'atOnce') passAtOnce(world, registration);
    return created;
  });

  app.get('/app-registrations/:id', async (request) => {
    await asClient(world, request);
    const registration = orRefuse(world.registrations.peek(read(IdParams, request.params).id));
    return { data: viewRegistration(world, registration, several(request.query, 'populates[]')) };
  });

  app.post('/app-registrations/me', async (request) => {
    const registration = await asApplicant(world, request);
    const { populates = [] } = read(t.partial({ populates: t.array(t.string) }), request.body);
    return { data: viewRegistration(world, registration, populates) };
  });

  app.put('/app-registrations/:id', async (request) => {
    const { id } = read(IdParams, request.params);
    await asClientOrOwner(world, request, id);
    const registration = findOrRefuse(world, id);
    const fields = read(UpdateBody, request.body);
    checkLinks(registration, fields);
    replacePhone(world, registration, fields);
    registration.updatedAt = world.now();
    return { data: viewRegistration(world, registration) };
  });

  addList(app, world);
};
