import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { requireApplicant } from '../auth.js';
import { type OtpKind, requestCode, requestManual, submitCode } from '../codes.js';
import { oneOf } from '../decoding.js';
import { read, Text } from '../input.js';
import type { Registration } from '../model.js';
import { Refusal } from '../refusals.js';
import type { SandboxState } from '../state.js';
import { viewValidation } from '../views.js';

const Requested = t.intersection([
  t.type({ project: Text, type: Text }),
  t.partial({ expiresAt: t.string, webhookUrl: t.string }),
]);

const REQUESTS = {
  email: t.intersection([Requested, t.type({ email: Text, validationMethod: oneOf('verificationCode', 'manual') })]),
  phone: t.intersection([
    Requested,
    t.type({ phone: Text, countryCode: Text, validationMethod: oneOf('verificationCode') }),
    t.partial({ phoneGateway: oneOf('sms', 'whatsapp', 'none') }),
  ]),
};

const ANSWERS = {
  email: t.type({ email: Text, otp: Text }),
  phone: t.type({ phone: Text, countryCode: Text, otp: Text }),
};

type ContactFields = Readonly<Record<'email' | 'phone' | 'countryCode', string | undefined>>;

const contactFields = (body: {
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
}): ContactFields => ({ email: body.email, phone: body.phone, countryCode: body.countryCode });

const checkOwn = (registration: Registration, kind: OtpKind, given: ContactFields): void => {
  const fields = kind === 'email' ? (['email'] as const) : (['phone', 'countryCode'] as const);
  const wrong = fields.find((field) => given[field]?.toLowerCase() !== registration[field]?.toLowerCase());
  if (wrong !== undefined)
    throw new Refusal('MissingParameter', { detail: `${wrong}: expected the registration's own` });
};

const addKind = (app: FastifyInstance, state: SandboxState, kind: OtpKind): void => {
  const create = async (request: FastifyRequest) => {
    const registration = await requireApplicant(state, request);
    const body = read<t.TypeOf<(typeof REQUESTS)[OtpKind]>>(REQUESTS[kind], request.body);
    if (body.project !== registration.project) throw new Refusal('project_not_found');
    checkOwn(registration, kind, contactFields(body));
    const validation = (body.validationMethod === 'manual' ? requestManual : requestCode)(state, registration, kind);
    return { data: viewValidation(state, validation) };
  };
  const validate = async (request: FastifyRequest) => {
    const registration = await requireApplicant(state, request);
    const { id } = read(t.partial({ id: t.string }), request.params);
    if (id !== undefined && id !== registration.validations[kind]?._id)
      throw new Refusal(`${kind}Validation_not_found`);
    const body = read<t.TypeOf<(typeof ANSWERS)[OtpKind]>>(ANSWERS[kind], request.body);
    checkOwn(registration, kind, contactFields(body));
    return { data: submitCode(state, registration, kind, body.otp) };
  };
  app.post(`/${kind}-validations/app-registration`, create);
  app.post(`/${kind}-validations`, create);
  app.put(kind === 'email' ? '/email-validations/:id' : '/phone-validations', validate);
  app.post(`/${kind}-validations/validate`, validate);
};

export const addContactValidations = (app: FastifyInstance, state: SandboxState): void => {
  addKind(app, state, 'email');
  addKind(app, state, 'phone');
};
