import { statusOf } from '../shared/http.js';
import { MalformedBodyError } from '../shared/json-body.js';

/** Every error response with its status. docs/codec-server.md has the same table. */
export const REFUSALS = {
  malformed: { status: 400, meaning: 'The body is malformed; the message names the field.' },
  unauthenticated: { status: 401, meaning: 'The credential is missing, invalid, expired or revoked.' },
  noRole: { status: 403, meaning: 'The credential is valid and grants no role.' },
  foreignOrigin: { status: 403, meaning: 'The request comes from a page whose origin is not configured.' },
  foreignNamespace: { status: 403, meaning: 'The namespace (`X-Namespace`) is not configured.' },
  notFound: { status: 404, meaning: 'This path does not exist, or does not support the method.' },
  tooLarge: { status: 413, meaning: 'The body is larger than the configured limit.' },
  notJson: { status: 415, meaning: 'The body is not `application/json` in UTF-8.' },
  failed: { status: 500, meaning: 'The server failed; its log has the stack frames.' },
  unavailable: {
    status: 503,
    meaning: "The issuer's keys cannot be fetched, so that JSON web tokens cannot be verified.",
  },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type RefusalCode = keyof typeof REFUSALS;

/** An error response. Its message never repeats a part of the request. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string = REFUSALS[code].meaning) {
    super(message);
    this.code = code;
  }
}

const BY_STATUS: Readonly<Record<number, RefusalCode>> = { 404: 'notFound', 413: 'tooLarge', 415: 'notJson' };

/** Converts an error to a refusal, without the framework's messages, which may repeat the body. */
export const toRefusal = (error: Error): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof MalformedBodyError) return new Refusal('malformed', `(root): expected ${error.expected}`);
  const status = statusOf(error);
  if (status >= 500) return new Refusal('failed');
  const code = BY_STATUS[status];
  return code === undefined ? new Refusal('malformed', '(root): expected JSON') : new Refusal(code);
};
