import type { Feedback } from './forms.js';
import { type Answer, feedbackOf, send } from './http.js';
import { numberAt, textAt } from './json.js';

/** A registration with a live token, as the gateway returns it to the backend. */
export interface LiveRegistration {
  readonly id: string;
  readonly appRegistrationId: string;
  readonly token: string;
  /** ms since the Unix epoch. */
  readonly expiresAt: number;
  readonly generation: number;
}

/** The result of a call. `live` is the registration, if the call succeeded and returns one. */
export interface Result {
  readonly feedback: Feedback;
  readonly live?: LiveRegistration;
}

const liveRegistration = (body: unknown): LiveRegistration | undefined => {
  const [id, appRegistrationId, token] = [textAt(body, 'id'), textAt(body, 'appRegistrationId'), textAt(body, 'token')];
  const [expiresAt, generation] = [numberAt(body, 'expiresAt'), numberAt(body, 'generation')];
  if (id === undefined || appRegistrationId === undefined || token === undefined) return undefined;
  return { id, appRegistrationId, token, expiresAt: expiresAt ?? 0, generation: generation ?? 0 };
};

const GATEWAY = '/playground/gateway';
const ROOT = `${GATEWAY}/onboardings`;

/** Returns the path of an onboarding in the gateway's API, through the sandbox's proxy. */
export const pathOf = (id: string): string => `${ROOT}/${encodeURIComponent(id)}`;

const requestRegistration = async (path: string, body: unknown, done?: string): Promise<Result> => {
  const answer = await send('POST', path, body);
  const feedback = feedbackOf(answer, done);
  if (!answer.ok) return { feedback };
  const live = liveRegistration(answer.body);
  if (live === undefined) return { feedback: { text: 'The gateway’s response could not be read.', tone: 'bad' } };
  return { feedback, live };
};

export const start = (request: unknown): Promise<Result> => requestRegistration(ROOT, request);

export const renewToken = (id: string): Promise<Result> =>
  requestRegistration(`${pathOf(id)}/token`, {}, 'The phone has a live token.');

export const reRegister = (id: string, body: unknown): Promise<Result> =>
  requestRegistration(`${pathOf(id)}/re-registration`, body, 'Registered again: the phone has the new token.');

export const withdraw = async (id: string): Promise<Result> => {
  const answer = await send('POST', `${pathOf(id)}/withdrawal`, {});
  return { feedback: feedbackOf(answer, 'The withdrawal was requested.') };
};

export const readSnapshot = (id: string): Promise<Answer> => send('GET', pathOf(id));

/** Reads the open reviews that are due first. */
export const readReviews = (limit: number): Promise<Answer> => send('GET', `${GATEWAY}/reviews?limit=${limit}`);
