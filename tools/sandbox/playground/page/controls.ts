import type { Feedback } from './forms.js';
import { type Answer, send } from './http.js';
import { listAt, numberAt, textAt } from './json.js';

export interface Message {
  readonly kind: 'email' | 'sms';
  readonly to: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly otp?: string;
  readonly link: boolean;
}

const readMessage = (one: unknown): Message => {
  const otp = textAt(one, 'otp');
  return {
    kind: textAt(one, 'kind') === 'sms' ? 'sms' : 'email',
    to: textAt(one, 'to') ?? '',
    at: numberAt(one, 'at') ?? 0,
    link: textAt(one, 'link') !== undefined,
    ...(otp === undefined ? {} : { otp }),
  };
};

export const control = (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(method, `/_sandbox${path}`, body);

/** Returns the messages, oldest first, or undefined if the sandbox does not respond. */
export const readMessages = async (appRegistrationId?: string): Promise<readonly Message[] | undefined> => {
  const query = appRegistrationId === undefined ? '' : `?${new URLSearchParams({ appRegistrationId })}`;
  const { ok, body } = await control('GET', `/outbox${query}`);
  return ok ? listAt(body).map(readMessage) : undefined;
};

export const controlFeedback = ({ ok, status, body }: Answer, done: string): Feedback => {
  if (ok) return { text: done, tone: 'good' };
  if (status === 0) return { text: 'The sandbox does not respond. Check that it is running.', tone: 'bad' };
  return { text: textAt(body, 'message') ?? `The sandbox responded with HTTP ${status}.`, tone: 'bad' };
};
