import type { Feedback } from './forms.js';
import { listAt, parsed, textAt } from './json.js';

/** A response. `status` is 0 if the request failed without one. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
  readonly detail: string;
}

/** Sends a request to this page's own origin. Never rejects. */
export const send = async (method: string, path: string, body?: unknown, token?: string): Promise<Answer> => {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        // Proves to the sandbox that the request comes from this origin.
        'x-playground': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { ok, status } = response;
    const detail = response.headers.get('x-sandbox-detail') ?? '';
    return { ok, status, detail, body: parsed(await response.text()) };
  } catch {
    return { ok: false, status: 0, body: undefined, detail: '' };
  }
};

/** Calls a control of the sandbox. */
export const control = (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(method, `/_sandbox${path}`, body);

/**
 * Describes a response of the gateway or of a control, or a missing response, to the user. `done` is the text for a
 * success.
 */
export const feedbackOf = ({ ok, status, body }: Answer, done = ''): Feedback => {
  if (ok) return { text: done, tone: 'good' };
  if (status === 0) return { text: 'The sandbox does not respond. Check that it is running.', tone: 'bad' };
  const said = textAt(body, 'detail') ?? textAt(body, 'title') ?? textAt(body, 'message');
  const detail = said ?? `The response has HTTP status ${status} and no explanation.`;
  const code = textAt(body, 'code');
  const errors = listAt(body, 'errors').flatMap((error) => {
    const [field, expected] = [textAt(error, 'field'), textAt(error, 'expected')];
    return field === undefined || expected === undefined ? [] : [{ field, expected }];
  });
  return { text: code === undefined ? detail : `${detail} (${code})`, tone: 'bad', errors };
};
