import type { FastifyError } from 'fastify';
import { KeySetUnavailableError } from './callers/json-web-tokens.js';

/** Every way in which a request is refused, with its status. Read by code, documents and tests alike. */
export const REFUSALS = {
  malformed: { status: 400, meaning: 'The body is not what it should be; the message names the field.' },
  unauthenticated: { status: 401, meaning: 'There is no credential, or it is not good (any more).' },
  noRole: { status: 403, meaning: 'The credential is good and gives no role here.' },
  foreignOrigin: { status: 403, meaning: 'A page of an origin that is not configured made the call.' },
  foreignNamespace: { status: 403, meaning: 'The namespace (`X-Namespace`) is not among the configured ones.' },
  notFound: { status: 404, meaning: 'There is nothing at this path for this method.' },
  tooLarge: { status: 413, meaning: 'The body is larger than configured.' },
  notJson: { status: 415, meaning: 'The body is not `application/json`.' },
  failed: { status: 500, meaning: 'The server failed; its log says where.' },
  unavailable: { status: 503, meaning: "The issuer's keys cannot be had, so that JSON web tokens cannot be verified." },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type RefusalWord = keyof typeof REFUSALS;

/** Ends a request with an answer that says why. The message never repeats what was sent. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly word: RefusalWord;

  constructor(word: RefusalWord, message: string = REFUSALS[word].meaning) {
    super(message);
    this.word = word;
  }
}

const wordOfStatus = (status: number): RefusalWord => {
  switch (status) {
    case 404:
      return 'notFound';
    case 413:
      return 'tooLarge';
    case 415:
      return 'notJson';
    default:
      return status < 500 ? 'malformed' : 'failed';
  }
};

/** What an error comes to for the caller. The framework's own messages may repeat the body, so they are not passed on. */
export const toRefusal = (error: FastifyError | Error): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof KeySetUnavailableError) return new Refusal('unavailable');
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  const word = wordOfStatus(status);
  return word === 'malformed' ? new Refusal(word, '(root): expected JSON') : new Refusal(word);
};
