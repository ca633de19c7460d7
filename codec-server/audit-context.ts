import type { UndecodablePayloadError } from '../codec/index.js';
import type { Caller } from './auth/caller.js';
import type { RefusalCode } from './refusals.js';

/** The fields of a request for the audit log and the metrics. Contains nothing of the decoded payloads. */
export interface AuditContext {
  caller?: Caller;
  namespace?: string;
  payloads?: number;
  keyIds?: readonly string[];
  workflowIds?: readonly string[];
  undecoded?: readonly UndecodablePayloadError[];
  refusal?: RefusalCode;
}

declare module 'fastify' {
  interface FastifyRequest {
    auditContext: AuditContext;
  }
}
