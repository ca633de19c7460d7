import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { requireApplicant } from '../auth.js';
import { oneOf } from '../decoding.js';
import { Contact, read, Text, TextOrNumber } from '../input.js';
import type { Registration } from '../model.js';
import { type OtpKind, requestCode, requestManual, submitCode, viewRequested } from '../rules/codes.js';
import { offersCheck } from '../rules/flow.js';
import type { SandboxState } from '../state.js';
import { checkEmail, checkPhone } from './registrations.js';

const OPTIONAL = { projectFlow: t.string, expiresAt: t.string, webhookUrl: t.string };

// The order of the fields is that of the vendor's error message.
const REQUESTS = {
  email: t.intersection([
    t.type({ project: Text, validationMethod: oneOf('verificationCode', 'manual'), email: Contact, type: Text }),
    t.partial(OPTIONAL),
  ]),
  phone: t.intersection([
    t.type({
      project: Text,
      validationMethod: oneOf('verificationCode'),
      phone: Contact,
      countryCode: Contact,
      type: Text,
    }),
    t.partial({ ...OPTIONAL, phoneGateway: oneOf('sms', 'whatsapp', 'both', 'none') }),
  ]),
};

const ANSWERS = {
  email: t.type({ email: Contact, otp: TextOrNumber }),
  phone: t.type({ phone: Contact, countryCode: Contact, otp: TextOrNumber }),
};

type ContactFields = Readonly<Record<'email' | 'phone' | 'countryCode', string | undefined>>;

const contactFields = (body: {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}): ContactFields => ({ email: body.email, phone: body.phone, countryCode: body.countryCode });

const checkOwn = (state: SandboxState, registration: Registration, kind: OtpKind, given: ContactFields): void => {
  checkEmail(given.email, state);
  checkPhone(given);
  const fields = kind === 'email' ? (['email'] as const) : (['phone', 'countryCode'] as const);
  const wrong = fields.find((field) => given[field]?.toLowerCase() !== registration[field]?.toLowerCase());
  if (wrong !== undefined)
    throw new Refusal('MissingParameter', { detail: `${wrong}: expected the registration's own` });
};

/** A code sent as a number has lost its leading zeros. */
const codeOf = (otp: string | number): string => String(otp).padStart(6, '0');

const addKind = (app: FastifyInstance, state: SandboxState, kind: OtpKind): void => {
  const create = async (request: FastifyRequest) => {
    const registration = await requireApplicant(state, request);
    const body = read<t.TypeOf<(typeof REQUESTS)[OtpKind]>>(REQUESTS[kind], request.body);
    if (body.project !== registration.project) throw new Refusal('project_not_found');
    if ((body.projectFlow ?? registration.projectFlow) !== registration.projectFlow)
      throw new Refusal('projectFlow_not_found');
    if (!offersCheck(state.settings, kind)) throw new Refusal('security_not_set');
    checkOwn(state, registration, kind, contactFields(body));
    const previousId = registration.validations[kind]?._id;
    const validation = (body.validationMethod === 'manual' ? requestManual : requestCode)(state, registration, kind);
    return { data: viewRequested(state, registration, validation, validation._id !== previousId) };
  };
  const validate = async (request: FastifyRequest) => {
    const registration = await requireApplicant(state, request);
    const { id } = read(t.partial({ id: t.string }), request.params);
    if (id !== undefined && id !== registration.validations[kind]?._id)
      throw new Refusal(`${kind}Validation_not_found`);
    const body = read<t.TypeOf<(typeof ANSWERS)[OtpKind]>>(ANSWERS[kind], request.body);
    checkOwn(state, registration, kind, contactFields(body));
    return { data: submitCode(state, registration, kind, codeOf(body.otp)) };
  };
  app.post(`/${kind}-validations/app-registration`, create);
  app.post(`/${kind}-validations`, create);
  if (kind === 'email') app.put('/email-validations/:id', validate);
  app.put(`/${kind}-validations`, validate);
  app.post(`/${kind}-validations/validate`, validate);
};

export const addContactValidations = (app: FastifyInstance, state: SandboxState): void => {
  addKind(app, state, 'email');
  addKind(app, state, 'phone');
};
