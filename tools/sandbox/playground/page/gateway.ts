import type { Feedback, FieldError } from './forms.js';
import { type Answer, send } from './http.js';
import { listAt, numberAt, textAt } from './json.js';

/** A registration with a live token, as the gateway returns it to the backend. */
export interface LiveRegistration {
  readonly id: string;
  readonly appRegistrationId: string;
  readonly token: string;
  /** ms since the Unix epoch. */
  readonly expiresAt: number;
  readonly generation: number;
}

export type Result<A> =
  | { readonly ok: true; readonly value: A }
  /** `transient`: a retry may succeed. */
  | { readonly ok: false; readonly feedback: Feedback; readonly transient: boolean };

const errorsOf = (body: unknown): readonly FieldError[] =>
  listAt(body, 'errors').flatMap((error) => {
    const field = textAt(error, 'field');
    const expected = textAt(error, 'expected');
    return field === undefined || expected === undefined ? [] : [{ field, expected }];
  });

/** Describes an error response of the gateway, or a missing response, to the user. */
const feedbackOf = ({ status, body }: Answer): Feedback => {
  if (status === 0) return { text: 'The sandbox does not respond. Check that it is running.', tone: 'bad' };
  const detail = textAt(body, 'detail') ?? textAt(body, 'title') ?? `The gateway responded with HTTP ${status}.`;
  const code = textAt(body, 'code');
  return { text: code === undefined ? detail : `${detail} (${code})`, tone: 'bad', errors: errorsOf(body) };
};

const failureOf = (answer: Answer): Extract<Result<never>, { ok: false }> => {
  const { status } = answer;
  return { ok: false, feedback: feedbackOf(answer), transient: status === 0 || status === 429 || status >= 500 };
};

const liveRegistration = (body: unknown): LiveRegistration | undefined => {
  const [id, appRegistrationId, token] = [textAt(body, 'id'), textAt(body, 'appRegistrationId'), textAt(body, 'token')];
  const [expiresAt, generation] = [numberAt(body, 'expiresAt'), numberAt(body, 'generation')];
  if (id === undefined || appRegistrationId === undefined || token === undefined) return undefined;
  return { id, appRegistrationId, token, expiresAt: expiresAt ?? 0, generation: generation ?? 0 };
};

const ROOT = '/playground/gateway/onboardings';

/** Returns the path of an onboarding in the gateway's API, through the sandbox's proxy. */
export const pathOf = (id: string): string => `${ROOT}/${encodeURIComponent(id)}`;

const requestRegistration = async (path: string, body: unknown): Promise<Result<LiveRegistration>> => {
  const answer = await send('POST', path, body);
  if (!answer.ok) return failureOf(answer);
  const value = liveRegistration(answer.body);
  return value === undefined
    ? { ok: false, feedback: { text: 'The gateway’s response could not be read.', tone: 'bad' }, transient: false }
    : { ok: true, value };
};

const request = async (method: string, path: string, body?: unknown): Promise<Result<unknown>> => {
  const answer = await send(method, path, body);
  return answer.ok ? { ok: true, value: answer.body } : failureOf(answer);
};

export const start = (request: unknown): Promise<Result<LiveRegistration>> => requestRegistration(ROOT, request);

export const renewToken = (id: string): Promise<Result<LiveRegistration>> =>
  requestRegistration(`${pathOf(id)}/token`, {});

export const reRegister = (id: string, body: unknown): Promise<Result<LiveRegistration>> =>
  requestRegistration(`${pathOf(id)}/re-registration`, body);

export const decideReview = (id: string, body: unknown): Promise<Result<unknown>> =>
  request('POST', `${pathOf(id)}/review`, body);

export const withdraw = (id: string): Promise<Result<unknown>> => request('POST', `${pathOf(id)}/withdrawal`, {});

export const readSnapshot = (id: string): Promise<Result<unknown>> => request('GET', pathOf(id));
