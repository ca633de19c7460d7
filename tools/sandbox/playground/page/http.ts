import { parsed } from './json.js';

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
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { ok, status } = response;
    const detail = response.headers.get('x-sandbox-detail') ?? '';
    return { ok, status, detail, body: parsed(await response.text()) };
  } catch {
    return { ok: false, status: 0, body: undefined, detail: '' };
  }
};
