import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';

/** The wait grows by `RETRY_DELAY_MS` with each try. */
const TRIES = 12;
const RETRY_DELAY_MS = 100;

/** Verifik refused a request, and a retry would not help. */
export class AttemptRefused extends Error {
  override readonly name = 'AttemptRefused';
  readonly status: number;
  /** The response body, in any of Verifik's error envelopes. */
  readonly body: string;

  constructor(status: number, body: string) {
    super(`Verifik refused the attempt (HTTP ${status})`);
    this.status = status;
    this.body = body;
  }
}

const isTransient = (status: number, body: string): boolean =>
  status === 408 || status === 429 || (status >= 500 && !body.includes('step_not_supported'));

export type DeviceCall = <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body: unknown) => Promise<A>;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const APPLICANT_HEADER = 'x-sandbox-applicant';

/** An applicant's device, which sends requests with the registration token. */
export interface Device {
  /** Retries up to 12 times. Rejects with `AttemptRefused` at once if Verifik refuses. */
  readonly call: DeviceCall;
  readonly once: DeviceCall;
}

/** Retries up to 12 times. Rejects at once with `AttemptRefused`. */
export const retry = async <A>(attempt: () => Promise<A>): Promise<A> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AttemptRefused || tried === TRIES) throw error;
      // Applicants who are left alone do not keep a process running whose sandbox has stopped.
      await pause(RETRY_DELAY_MS * tried, undefined, { ref: false });
    }
  }
};

export const createDevice = (url: string, token: string): Device => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', [APPLICANT_HEADER]: '1' };

  const once: DeviceCall = async (codec, method, path, body) => {
    const response = await fetch(`${url}/v2${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok && !isTransient(response.status, text)) throw new AttemptRefused(response.status, text);
    const decoded = codec.decode(parse(text));
    if (E.isLeft(decoded)) throw new Error(`Unexpected response to ${method} ${path} (HTTP ${response.status})`);
    return decoded.right;
  };

  return { once, call: (codec, method, path, body) => retry(() => once(codec, method, path, body)) };
};
