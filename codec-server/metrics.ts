import { Counter, Registry } from 'prom-client';
import type { AuditContext } from './audit-context.js';

/** The metrics of the codec server. Labels hold nothing that a caller sent. */
export interface Metrics {
  readonly registry: Registry;
  readonly count: (operation: string, status: number, context: AuditContext) => void;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'codec_server_requests_total',
    help: 'Requests, by operation, status and role',
    labelNames: ['operation', 'status', 'role'],
    registers,
  });
  const payloads = new Counter({
    name: 'codec_server_payloads_total',
    help: 'Payloads in requests, by operation',
    labelNames: ['operation'],
    registers,
  });
  const undecoded = new Counter({
    name: 'codec_server_undecoded_payloads_total',
    help: 'Payloads that could not be decoded, by reason',
    labelNames: ['why'],
    registers,
  });
  return {
    registry,
    count: (operation, status, context) => {
      requests.inc({ operation, status, role: context.caller?.role ?? 'none' });
      if (context.payloads !== undefined) payloads.inc({ operation }, context.payloads);
      for (const { why } of context.undecoded ?? []) undecoded.inc({ why });
    },
  };
};
