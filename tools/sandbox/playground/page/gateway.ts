import type { FieldError, Said } from './forms.js';
import { type Answer, send } from './http.js';
import { listAt, numberAt, textAt } from './reading.js';

/** A registration with its live token, as the gateway gives it to the backend. */
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
  /** `passing`: the same may be answered otherwise in a while. */
  | { readonly ok: false; readonly said: Said; readonly passing: boolean };

const errorsOf = (body: unknown): readonly FieldError[] =>
  listAt(body, 'errors').flatMap((error) => {
    const field = textAt(error, 'field');
    const expected = textAt(error, 'expected');
    return field === undefined || expected === undefined ? [] : [{ field, expected }];
  });

/** A refusal of the gateway, or the lack of an answer, for a person to read. */
const problemOf = ({ status, body }: Answer): Said => {
  if (status === 0) return { text: 'The sandbox does not answer. Is it still running?', tone: 'bad' };
  const detail = textAt(body, 'detail') ?? textAt(body, 'title') ?? `The gateway answered ${status}.`;
  const code = textAt(body, 'code');
  return { text: code === undefined ? detail : `${detail} (${code})`, tone: 'bad', errors: errorsOf(body) };
};

const refusedAs = (answer: Answer): Extract<Result<never>, { ok: false }> => {
  const { status } = answer;
  return { ok: false, said: problemOf(answer), passing: status === 0 || status === 429 || status >= 500 };
};

const liveRegistration = (body: unknown): LiveRegistration | undefined => {
  const [id, appRegistrationId, token] = [textAt(body, 'id'), textAt(body, 'appRegistrationId'), textAt(body, 'token')];
  const [expiresAt, generation] = [numberAt(body, 'expiresAt'), numberAt(body, 'generation')];
  if (id === undefined || appRegistrationId === undefined || token === undefined) return undefined;
  return { id, appRegistrationId, token, expiresAt: expiresAt ?? 0, generation: generation ?? 0 };
};

const ROOT = '/playground/gateway/onboardings';

/** Where an onboarding stands in the gateway's API, on this page's own origin. */
export const pathOf = (id: string): string => `${ROOT}/${encodeURIComponent(id)}`;

const forRegistration = async (path: string, body: unknown): Promise<Result<LiveRegistration>> => {
  const answer = await send('POST', path, body);
  if (!answer.ok) return refusedAs(answer);
  const value = liveRegistration(answer.body);
  return value === undefined
    ? { ok: false, said: { text: 'The gateway’s answer could not be read.', tone: 'bad' }, passing: false }
    : { ok: true, value };
};

const forAnything = async (method: string, path: string, body?: unknown): Promise<Result<unknown>> => {
  const answer = await send(method, path, body);
  return answer.ok ? { ok: true, value: answer.body } : refusedAs(answer);
};

export const start = (request: unknown): Promise<Result<LiveRegistration>> => forRegistration(ROOT, request);

export const renewToken = (id: string): Promise<Result<LiveRegistration>> => forRegistration(`${pathOf(id)}/token`, {});

export const reRegister = (id: string, body: unknown): Promise<Result<LiveRegistration>> =>
  forRegistration(`${pathOf(id)}/re-registration`, body);

export const decideReview = (id: string, body: unknown): Promise<Result<unknown>> =>
  forAnything('POST', `${pathOf(id)}/review`, body);

export const withdraw = (id: string): Promise<Result<unknown>> => forAnything('POST', `${pathOf(id)}/withdrawal`, {});

export const readSnapshot = (id: string): Promise<Result<unknown>> => forAnything('GET', pathOf(id));
