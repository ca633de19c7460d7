import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Access } from '../setting/world.js';

/** What the gateway answered at last, when it was asked as often as it took. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The gateway refused a call: to ask again would not help. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** The problem's code. */
  readonly code: string;

  constructor(call: string, status: number, code: string) {
    super(`${call} was refused: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** How calls went: how often each was answered how. */
export type CallCounts = ReadonlyMap<string, number>;

/** A service's backend: asks the gateways in turn, and again for as long as nothing final is answered. */
export interface Backend {
  /** Rejects with `Refused`, or when patience is at its end. */
  call(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<unknown>;
  /** Calls that had to be repeated, by what was answered. */
  readonly repeated: CallCounts;
}

/** Longer than the gateway takes for a call. */
const CALL_WITHIN_MS = 35_000;
const AGAIN_AFTER_MS = 300;
const PATIENCE_MS = 300_000;

const Problem = t.type({ code: t.string });

const codeOf = (body: unknown): string => {
  const read = Problem.decode(body);
  return E.isRight(read) ? read.right.code : 'unreadable';
};

const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 429;

export const createBackend = ({ urls, apiKey }: Access): Backend => {
  const repeated = new Map<string, number>();
  let turn = 0;

  const once = async (method: string, path: string, body: unknown, key: string | undefined): Promise<Answer> => {
    turn += 1;
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...content,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const response = await fetch(`${urls[turn % urls.length]}/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_WITHIN_MS),
    });
    return { status: response.status, body: await response.json() };
  };

  const again = async (call: string, answer: Answer | undefined, deadline: number): Promise<void> => {
    const how = answer === undefined ? 'no answer' : `${answer.status} ${codeOf(answer.body)}`;
    repeated.set(how, (repeated.get(how) ?? 0) + 1);
    if (Date.now() > deadline) throw new Error(`${call}: ${how}, again and again`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  };

  return {
    repeated,
    call: async (method, path, body, key) => {
      const call = `${method} ${path}`;
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const answer = await once(method, path, body, key).catch(() => undefined);
        if (answer === undefined || !isFinal(answer.status)) await again(call, answer, deadline);
        else if (answer.status >= 400) throw new Refused(call, answer.status, codeOf(answer.body));
        else return answer.body;
      }
    },
  };
};
