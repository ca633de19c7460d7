import type { UndecodablePayloadError } from '../codec/index.js';
import type { Caller } from './callers/caller.js';
import type { RefusalWord } from './refusals.js';

/** What is worth knowing about a request afterwards. Never what was in the payloads. */
export interface Facts {
  caller?: Caller;
  namespace?: string;
  payloads?: number;
  keyIds?: readonly string[];
  workflowIds?: readonly string[];
  undecoded?: readonly UndecodablePayloadError[];
  refusal?: RefusalWord;
}

declare module 'fastify' {
  interface FastifyRequest {
    facts: Facts;
  }
}
