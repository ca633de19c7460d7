import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { onTestFinished } from 'vitest';
import {
  createApplicant,
  inventPeople,
  type Person,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../../tools/sandbox/index.js';

/** Starts a sandbox that is closed after the test. Face comparisons take no time, unless a setting says otherwise. */
export const openSandbox = async ({ settings, ...options }: SandboxOptions = {}): Promise<Sandbox> => {
  const sandbox = await startSandbox({ ...options, settings: { compareDelayMs: 0, applicantPauseMs: 0, ...settings } });
  onTestFinished(() => sandbox.close());
  return sandbox;
};

/** Invents a person. `tag` becomes a tag of the email. */
export const inventPerson = (tag?: string, index = 0): Person => {
  const person = inventPeople(5, index + 1)[index];
  if (person === undefined) throw new Error('nobody there');
  return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
};

/** A response. `body` is undefined if it is not JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Sends a request to Verifik's API. Rejects if the response is incomplete. */
export const ask = async (
  { url }: Pick<Sandbox, 'url'>,
  token: string,
  call: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const [method = 'GET', path = ''] = call.split(' ');
  const response = await fetch(`${url}/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
};

/** Returns the sandbox's explanation of a refusal, which not all envelopes contain. */
export const detailOf = ({ headers }: Answer): string => headers.get('x-sandbox-detail') ?? '';

/** Decodes the body of a response. */
export const decodeBody = <A>(codec: t.Decoder<unknown, A>, { body, text }: Answer): A => {
  const decoded = codec.decode(body);
  if (E.isLeft(decoded)) throw new Error(`not as expected: ${text}`);
  return decoded.right;
};

export const Data = t.type({ data: t.UnknownRecord });
const Created = t.type({ data: t.type({ _id: t.string, token: t.string }) });
const Validated = t.type({ data: t.type({ _id: t.string, status: t.string }) });

/** Creates the body of a registration in the default project flow. */
export const registrationOf = ({ project, projectFlow }: Sandbox, person: Person, change: object = {}) => ({
  project,
  projectFlow,
  ...person,
  ...change,
});

/** Registers a person. Requires the flat response format. */
export const register = async (sandbox: Sandbox, person: Person = inventPerson(), change: object = {}) =>
  decodeBody(
    Created,
    await ask(sandbox, sandbox.clientToken, 'POST /app-registrations', registrationOf(sandbox, person, change)),
  ).data;

/** Registers a person, and creates the applicant with the token. */
export const registerApplicant = async (sandbox: Sandbox, person?: Person, change?: object) => {
  const { _id, token } = await register(sandbox, person, change);
  return { _id, token, applicant: createApplicant({ url: sandbox.url, token }) };
};

/** Reads a registration with all references populated. */
export const readRegistration = async (sandbox: Sandbox, id: string) => {
  const populates = ['email', 'phone', 'document', 'biometric'].map((kind) => `populates[]=${kind}Validation`);
  const others = ['compareFaceVerification', 'failedDocumentValidations', 'failedBiometricValidations'];
  const query = [...populates, ...others.map((name) => `populates[]=${name}`)].join('&');
  return decodeBody(Data, await ask(sandbox, sandbox.clientToken, `GET /app-registrations/${id}?${query}`)).data;
};

export const emailRequest = ({ project }: Sandbox, { email }: Person) => ({
  project,
  email,
  validationMethod: 'verificationCode',
  type: 'onboarding',
});

export const phoneRequest = ({ project }: Sandbox, { phone, countryCode }: Person) => ({
  project,
  phone,
  countryCode,
  validationMethod: 'verificationCode',
  type: 'onboarding',
});

/** Requests a code by email and reads it from the outbox. */
export const requestEmailCode = async (sandbox: Sandbox, token: string, person: Person) => {
  const answer = await ask(sandbox, token, 'POST /email-validations/app-registration', emailRequest(sandbox, person));
  const { _id } = decodeBody(Validated, answer).data;
  const otp = (await sandbox.control.outbox({ email: person.email })).at(-1)?.otp ?? '';
  return { _id, otp };
};

/** A base64 image of one pixel. */
export const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Uploads a document and takes a selfie, without the face comparison. */
export const uploadImages = async (sandbox: Sandbox, token: string) => {
  await ask(sandbox, token, 'POST /document-validations/app-registration', { image: IMAGE });
  return ask(sandbox, token, 'POST /biometric-validations/app-registration', { image: IMAGE, os: 'IOS' });
};

export const COMPARE = 'POST /face-recognition/compare/app-registration';

/** Reports a step as the hosted page. */
export const sync = (sandbox: Sandbox, token: string, id: string, body: object) =>
  ask(sandbox, token, `PUT /app-registrations/${id}/sync`, body);

export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;
