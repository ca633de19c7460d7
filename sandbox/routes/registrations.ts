import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asApplicant, asClient, mintFor } from '../auth.js';
import { goThroughAlone } from '../autopilot.js';
import { read, several, Text } from '../input.js';
import type { Registration } from '../model.js';
import { Refusal } from '../refusals.js';
import { LIFETIMES_MS } from '../tokens.js';
import { viewCreated, viewRegistration } from '../views.js';
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

const checkContact = ({ email, phone, countryCode }: CreateFields, world: World): void => {
  if (!email && !phone) throw new Refusal('MISSING_CONTACT_INFO');
  if (phone && !countryCode) throw new Refusal('missing countryCode');
  if (countryCode && !/^\+\d{1,3}$/.test(countryCode)) throw new Refusal('Invalid countryCode format');
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Refusal('Invalid email format');
  if (phone && !/^\d+$/.test(phone)) throw new Refusal('MissingParameter');
  if (email && world.settings.refusedDomains.includes(email.split('@')[1] ?? ''))
    throw new Refusal('email domain not allowed');
};

const findOrRefuse = (world: World, id: string): Registration => {
  const registration = world.registrations.get(id);
  if (registration === undefined) throw new Refusal('appRegistration_not_found');
  return registration;
};

/** The applicant comes back: a new token, and the email and phone validations are deleted. */
const recreate = (world: World, registration: Registration): void => {
  world.ledger.count('registrationsRecreated');
  registration.epoch += 1;
  registration.status = 'STARTED';
  registration.updatedAt = world.now();
  for (const kind of ['email', 'phone'] as const) {
    const validation = registration.validations[kind];
    if (validation === undefined) continue;
    world.validations.delete(validation._id);
    delete registration.validations[kind];
  }
};

const create = (world: World, body: CreateFields): Registration => {
  const known = world.findByContact(body.projectFlow, body);
  if (known !== undefined) {
    if (world.settings.reRegistration === 'resume') throw new Refusal(`${known.by}_is_registered_already`);
    recreate(world, known.registration);
    return known.registration;
  }
  const { project, projectFlow, email, phone, countryCode, language = 'en' } = body;
  const fullName = body.fullName ?? [body.firstName, body.lastName].filter((name) => name !== undefined).join(' ');
  world.ledger.count('registrationsCreated');
  return world.addRegistration({
    project,
    projectFlow,
    language,
    fullName,
    ...(email ? { email } : {}),
    ...(phone && countryCode ? { phone, countryCode } : {}),
  });
};

const OVER: readonly string[] = ['COMPLETED', 'COMPLETED_WITHOUT_KYC', 'FAILED'];

const IdParams = t.type({ id: t.string });
const PopulatesBody = t.partial({ populates: t.array(t.string) });
const UpdateBody = t.partial({
  emailValidation: t.string,
  phoneValidation: t.string,
  phone: t.string,
  countryCode: t.string,
  replacePhone: t.boolean,
});
const ResendBody = t.partial({ sendEmail: t.boolean });

const addList = (app: FastifyInstance, world: World): void => {
  app.get('/v2/app-registrations', async (request) => {
    await asClient(world, request);
    const { query } = request;
    const number = (name: string, fallback: number): number => {
      const value = Number(several(query, name)[0] ?? fallback);
      if (!Number.isInteger(value) || value < 1) throw new Refusal('MissingParameter');
      return value;
    };
    const page = number('page', 1);
    const limit = Math.min(number('limit', 10), 100);
    const [project] = several(query, 'where_project');
    const [projectFlow] = several(query, 'where_projectFlow');
    const statuses = [...several(query, 'where_status'), ...several(query, 'in_status[]')];
    const found = [...world.registrations.values()].filter(
      (registration) =>
        (project === undefined || registration.project === project) &&
        (projectFlow === undefined || registration.projectFlow === projectFlow) &&
        (statuses.length === 0 || statuses.includes(registration.status)),
    );
    const populates = several(query, 'populates[]');
    const data = found.slice((page - 1) * limit, page * limit).map((one) => viewRegistration(world, one, populates));
    return { data, total: found.length, limit, page, pages: Math.max(Math.ceil(found.length / limit), 1) };
  });
};

const addResendLink = (app: FastifyInstance, world: World): void => {
  app.post('/v2/app-registrations/:id/resend-link', async (request, reply) => {
    if (world.settings.resendLink === 'absent') return reply.callNotFound();
    await asClient(world, request);
    const registration = findOrRefuse(world, read(IdParams, request.params).id);
    const { sendEmail = false } = read(ResendBody, request.body);
    if (OVER.includes(registration.status)) throw new Refusal('cannot_resend_link_for_this_status');
    world.ledger.count('resendLinks');
    const token = await mintFor(world, registration, 'resent');
    if (registration.status === 'EXPIRED') registration.status = 'ONGOING';
    const link = `https://access.verifik.co/sign-up/${registration.project}?token=${token}`;
    const emailSent = sendEmail && registration.email !== undefined;
    if (emailSent && registration.email !== undefined)
      world.outbox.push({
        to: registration.email,
        kind: 'email',
        appRegistrationId: registration._id,
        link,
        at: world.now(),
      });
    const issuedAt = new Date(world.now()).toISOString();
    const expiresAt = new Date(world.now() + LIFETIMES_MS.resent).toISOString();
    const { currentStep: step, status } = registration;
    return { data: { token, link, step, appRegistrationId: registration._id, status, expiresAt, issuedAt, emailSent } };
  });
};

/** The registrations: create, read, list, update, resend. */
export const addRegistrations = (app: FastifyInstance, world: World): void => {
  app.post('/v2/app-registrations', async (request) => {
    await asClient(world, request);
    const body = read(CreateBody, request.body);
    checkContact(body, world);
    if (world.settings.projectFlows[body.projectFlow] !== body.project) throw new Refusal('INVALID_PROJECT_FLOW');
    const registration = create(world, body);
    const token = await mintFor(world, registration, 'created');
    const answer = viewCreated(world, registration, token);
    world.webhooks.send('app_registration_created', viewRegistration(world, registration));
    if (world.settings.applicants === 'alone')
      void goThroughAlone(`http://${request.host}`, { ...registration, token }, world.settings.mandatory);
    return answer;
  });

  app.get('/v2/app-registrations/:id', async (request) => {
    await asClient(world, request);
    const registration = findOrRefuse(world, read(IdParams, request.params).id);
    return { data: viewRegistration(world, registration, several(request.query, 'populates[]')) };
  });

  app.post('/v2/app-registrations/me', async (request) => {
    const registration = await asApplicant(world, request);
    const { populates = [] } = read(PopulatesBody, request.body);
    return { data: viewRegistration(world, registration, populates) };
  });

  app.put('/v2/app-registrations/:id', async (request) => {
    await asClient(world, request);
    const registration = findOrRefuse(world, read(IdParams, request.params).id);
    const { phone, countryCode } = read(UpdateBody, request.body);
    if (phone !== undefined) registration.phone = phone;
    if (countryCode !== undefined) registration.countryCode = countryCode;
    registration.updatedAt = world.now();
    return { data: viewRegistration(world, registration) };
  });

  addList(app, world);
  addResendLink(app, world);
};
