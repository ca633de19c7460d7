import * as t from 'io-ts';
import { createApplicant, type Sandbox, type Settings } from '../../../tools/sandbox/index.js';
import {
  type Answer,
  ask,
  Data,
  decodeBody,
  emailRequest,
  inventPerson,
  openSandbox,
  phoneRequest,
  register,
  requestEmailCode,
  sync,
} from './vendor.js';

/** A registration in a sandbox of its own. */
export interface Environment {
  readonly sandbox: Sandbox;
  readonly id: string;
  readonly token: string;
  /** Calls as the client, or with a registration's token. */
  readonly asClient: (call: string, body?: unknown) => Promise<Answer>;
  readonly asApplicant: (call: string, body?: unknown) => Promise<Answer>;
  readonly read: (...populates: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
}

export interface Case {
  readonly settings?: Partial<Settings>;
  readonly person?: object;
  readonly tag?: string;
  readonly answer: (environment: Environment) => Promise<unknown>;
  /** Paths of the example that the sandbox does not have, with the reason. */
  readonly without?: Readonly<Record<string, string>>;
}

export const person = inventPerson();

export const open = async ({ settings = {}, person: change, tag }: Case): Promise<Environment> => {
  const documented = { errorEnvelope: 'documented', statusWords: 'upper', webhookUrl: 'http://127.0.0.1:9/' } as const;
  const sandbox = await openSandbox({ settings: { ...documented, ...settings, createAnswer: 'flat' } });
  const { _id: id, token } = await register(sandbox, inventPerson(tag), change);
  await sandbox.control.settings({ createAnswer: settings.createAnswer ?? 'flat' });
  const asClient = (call: string, body?: unknown) => ask(sandbox, sandbox.clientToken, call, body);
  const asApplicant = (call: string, body?: unknown) => ask(sandbox, token, call, body);
  const read = async (...populates: readonly string[]) => {
    const query = populates.map((name) => `populates[]=${name}`).join('&');
    return decodeBody(Data, await asClient(`GET /app-registrations/${id}?${query}`)).data;
  };
  return { sandbox, id, token, asClient, asApplicant, read };
};

export const complete = async ({ sandbox, token }: Environment) => {
  for await (const _step of createApplicant({ url: sandbox.url, token }).goThrough());
};

export const idIn = (object: Readonly<Record<string, unknown>>, reference: string): string => String(object[reference]);

export const create =
  (body: object) =>
  ({ sandbox: { project, projectFlow }, asClient }: Environment) =>
    asClient('POST /app-registrations', { project, projectFlow, ...body });

export const requestEmail =
  (change: object = {}) =>
  ({ sandbox, asApplicant }: Environment) =>
    asApplicant('POST /email-validations/app-registration', { ...emailRequest(sandbox, person), ...change });

export const requestPhone =
  (change: object = {}) =>
  ({ sandbox, asApplicant }: Environment) =>
    asApplicant('POST /phone-validations/app-registration', { ...phoneRequest(sandbox, person), ...change });

export const validateEmail =
  (otpOf: (otp: string) => string) =>
  async ({ sandbox, token, asApplicant }: Environment) => {
    const { otp } = await requestEmailCode(sandbox, token, person);
    return asApplicant('POST /email-validations/validate', { email: person.email, otp: otpOf(otp) });
  };

export const resend =
  (token?: 'applicant') =>
  ({ id, asClient, asApplicant }: Environment) =>
    (token === undefined ? asClient : asApplicant)(`POST /app-registrations/${id}/resend-link`, {});

/** Finds the body of a registration's webhook in the log. */
export const webhook = async ({ asClient }: Environment, type: string): Promise<unknown> => {
  const Events = t.type({ data: t.array(t.type({ type: t.string, body: t.unknown })) });
  const { data } = decodeBody(Events, await asClient('GET /webhook-events?perPage=100'));
  return data.find((event) => event.type === type)?.body;
};

export const step = (stepName: string) => (environment: Environment) =>
  sync(environment.sandbox, environment.token, environment.id, { step: stepName, status: 'ONGOING' });

export const forgotten = (answer: Case['answer']) => async (environment: Environment) => {
  await environment.sandbox.control.forget(environment.id);
  return answer(environment);
};
