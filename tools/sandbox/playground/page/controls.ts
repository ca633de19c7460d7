import type { Said } from './forms.js';
import { type Answer, send } from './http.js';
import { listAt, numberAt, textAt } from './reading.js';

/** A message that an applicant got. */
export interface Message {
  readonly kind: 'email' | 'sms';
  readonly to: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly otp?: string;
  /** It brought a link to the hosted page. */
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

/** One of the sandbox's controls. */
export const control = (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(method, `/_sandbox${path}`, body);

/** The messages, the oldest first; undefined where the sandbox does not answer. */
export const readMessages = async (appRegistrationId?: string): Promise<readonly Message[] | undefined> => {
  const query = appRegistrationId === undefined ? '' : `?${new URLSearchParams({ appRegistrationId })}`;
  const { ok, body } = await control('GET', `/outbox${query}`);
  return ok ? listAt(body).map(readMessage) : undefined;
};

/** What a control came to, for a person to read. */
export const controlSaid = ({ ok, status, body }: Answer, done: string): Said => {
  if (ok) return { text: done, tone: 'good' };
  if (status === 0) return { text: 'The sandbox does not answer. Is it still running?', tone: 'bad' };
  return { text: textAt(body, 'message') ?? `The sandbox answered ${status}.`, tone: 'bad' };
};
