import { status } from '@grpc/grpc-js';
import type { Connection } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import { grpcErrorOf } from '../client/calls/grpc-errors.js';
import { retry } from '../client/calls/retries.js';
import { defined } from '../shared/defined.js';
import { DAY_MS } from '../shared/time.js';
import { CliFailure } from './failures.js';

const isUnknown = (error: unknown): boolean => grpcErrorOf(error)?.code === status.NOT_FOUND;

const REFUSALS: readonly unknown[] = [status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.UNIMPLEMENTED];

const isRefused = (error: unknown): boolean => REFUSALS.includes(grpcErrorOf(error)?.code);

const register = async ({ workflowService }: Connection, namespace: string, retentionDays: number) => {
  const workflowExecutionRetentionPeriod = msToTs(retentionDays * DAY_MS);
  try {
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    return true;
  } catch (error) {
    if (grpcErrorOf(error)?.code === status.ALREADY_EXISTS) return false;
    if (!isRefused(error)) throw error;
    throw new CliFailure(
      'refused',
      `Temporal does not allow creating the namespace ${namespace}. On Temporal Cloud, create it there (in the UI or with tcld), and repeat the command without --create-namespace.`,
    );
  }
};

export interface EnsuredNamespace {
  readonly created: boolean;
  /** Absent if another process has created the namespace meanwhile. */
  readonly retentionDays?: number;
}

/**
 * Creates the namespace if it is missing. An existing one keeps its retention.
 *
 * @throws CliFailure if it is missing and no retention is given, or Temporal does not allow creating it.
 */
export const ensureNamespace = async (
  connection: Connection,
  namespace: string,
  retentionDays: number | undefined,
): Promise<EnsuredNamespace> => {
  const { workflowService } = connection;
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    const retentionMs = optionalTsToMs(config?.workflowExecutionRetentionTtl);
    return { created: false, ...defined({ retentionDays: retentionMs && retentionMs / DAY_MS }) };
  } catch (error) {
    // Temporal Cloud also refuses to describe a namespace that it does not have.
    if (!isUnknown(error) && (retentionDays === undefined || !isRefused(error))) throw error;
  }
  if (retentionDays === undefined)
    throw new CliFailure(
      'misconfigured',
      `TEMPORAL_NAMESPACE: expected a namespace that exists, not ${namespace}. To create it, add --create-namespace.`,
    );
  const created = await register(connection, namespace, retentionDays);
  // The server's processes read their list of namespaces every few seconds.
  await retry(() => workflowService.countWorkflowExecutions({ namespace }), isUnknown);
  return created ? { created, retentionDays } : { created };
};
