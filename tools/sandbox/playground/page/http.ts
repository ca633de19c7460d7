import { parsed } from './reading.js';

/** An answer; `status` 0 where there was none. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  /** What the body says, or undefined where it is no JSON. */
  readonly body: unknown;
  /** What the sandbox says of a refusal besides Verifik's own words. */
  readonly detail: string;
}

/** One request to this page's own origin. It does not reject. */
export const send = async (method: string, path: string, body?: unknown, token?: string): Promise<Answer> => {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        // What other sites' pages cannot send: the sandbox asks for it.
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
