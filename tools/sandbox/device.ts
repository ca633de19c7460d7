import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';

/** The device tries again when the network or Verifik fails: this many times, each time waiting a little longer. */
const TRIES = 12;
const TRY_AGAIN_MS = 100;

/** Verifik refused the applicant's attempt: trying the same again would not help. */
export class AttemptRefused extends Error {
  override readonly name = 'AttemptRefused';
  /** The HTTP status. */
  readonly status: number;
  /** What Verifik said, in whichever envelope. */
  readonly said: string;

  constructor(status: number, said: string) {
    super(`the attempt was refused (HTTP ${status})`);
    this.status = status;
    this.said = said;
  }
}

const isPassing = (status: number, said: string): boolean =>
  status === 408 || status === 429 || (status >= 500 && !said.includes('step_not_supported'));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One call to Verifik's API: what it answers, read by the codec. */
export type DeviceCall = <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body: unknown) => Promise<A>;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The header by which the sandbox knows the devices of its own applicants. */
export const APPLICANT_HEADER = 'x-sandbox-applicant';

/** What the applicant's device sends, with the registration's token. */
export interface Device {
  /** As often as it takes. Rejects with `AttemptRefused`, or when nothing helps. */
  readonly call: DeviceCall;
  /** Once only. */
  readonly once: DeviceCall;
}

/** Attempts it until it succeeds. Rejects with `AttemptRefused`, or when nothing helps. */
export const keepTrying = async <A>(attempt: () => Promise<A>): Promise<A> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AttemptRefused || tried === TRIES) throw error;
      await pause(TRY_AGAIN_MS * tried);
    }
  }
};

/** The device of the applicant who has the token. */
export const createDevice = (url: string, token: string): Device => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', [APPLICANT_HEADER]: '1' };

  const once: DeviceCall = async (codec, method, path, body) => {
    const response = await fetch(`${url}/v2${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok && !isPassing(response.status, text)) throw new AttemptRefused(response.status, text);
    const decoded = codec.decode(parse(text));
    if (E.isLeft(decoded)) throw new Error(`unreadable answer of ${method} ${path} (HTTP ${response.status})`);
    return decoded.right;
  };

  return { once, call: (codec, method, path, body) => keepTrying(() => once(codec, method, path, body)) };
};
