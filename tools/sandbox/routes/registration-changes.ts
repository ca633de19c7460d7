import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { viewRegistration } from '../answers/views.js';
import { requireClientOrOwner } from '../auth.js';
import { Contact as ContactText, IdParams, read } from '../input.js';
import type { Contact, Registration } from '../model.js';
import type { SandboxState } from '../state.js';
import { checkEmail, checkPhone, findOrRefuse } from './registrations.js';

/** An empty text means an absent contact. */
const Loose = t.union([ContactText, t.literal('')], 'a text');

const UpdateBody = t.partial({
  emailValidation: t.string,
  phoneValidation: t.string,
  email: Loose,
  phone: Loose,
  countryCode: Loose,
  replaceEmail: t.boolean,
  replacePhone: t.boolean,
});

type UpdateFields = t.TypeOf<typeof UpdateBody>;

const checkLinks = ({ validations }: Registration, { emailValidation, phoneValidation }: UpdateFields): void => {
  if (emailValidation !== undefined && emailValidation !== validations.email?._id)
    throw new Refusal('emailValidation_not_found');
  if (phoneValidation !== undefined && phoneValidation !== validations.phone?._id)
    throw new Refusal('phoneValidation_not_found');
};

/** Changes a contact and deletes the validation of the previous one. */
const replace = (state: SandboxState, registration: Registration, by: 'email' | 'phone', next: Contact): void => {
  const holder = state.registrations.findByContact(registration.projectFlow, next)?.registration;
  if (holder !== undefined && holder !== registration) throw new Refusal(`${by}_is_registered_already`);
  state.registrations.changeContact(registration, next);
  state.deleteValidation(registration, registration.validations[by]);
};

const replaceContacts = (state: SandboxState, registration: Registration, fields: UpdateFields): void => {
  const { email } = fields;
  const phone = fields.phone || registration.phone;
  const countryCode = fields.countryCode || registration.countryCode;
  checkEmail(email, state);
  if (email && email !== registration.email) replace(state, registration, 'email', { email });
  const isSame = phone === registration.phone && countryCode === registration.countryCode;
  checkPhone({ ...(phone === undefined ? {} : { phone }), ...(countryCode === undefined ? {} : { countryCode }) });
  if (phone !== undefined && countryCode !== undefined && !isSame)
    replace(state, registration, 'phone', { phone, countryCode });
};

/** Adds `PUT /app-registrations/{id}`, by which the hosted page links validations and changes contacts. */
export const addRegistrationChanges = (app: FastifyInstance, state: SandboxState): void => {
  app.put('/app-registrations/:id', async (request) => {
    const { id } = read(IdParams, request.params);
    await requireClientOrOwner(state, request, id);
    const registration = findOrRefuse(state, id);
    const fields = read(UpdateBody, request.body);
    checkLinks(registration, fields);
    replaceContacts(state, registration, fields);
    registration.updatedAt = state.now();
    return { data: viewRegistration(state, registration) };
  });
};
