import { isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs } from '@temporalio/common/lib/time.js';
import { type SearchAttribute, withConnection } from '../serving.js';

const ALREADY_EXISTS = 6;

/** Retention of closed workflows: long enough to inspect a long run at its end. */
const RETENTION = '1 day';

/**
 * Registers the namespace and those of its search attributes that are missing. Resolves to true when visibility queries
 * can use all of them, and rejects before.
 */
export const register = (
  address: string,
  namespace: string,
  attributes: readonly SearchAttribute[],
): Promise<boolean> =>
  withConnection(address, async ({ workflowService, operatorService }) => {
    const workflowExecutionRetentionPeriod = msToTs(RETENTION);
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }).catch((error: unknown) => {
      if (!isGrpcServiceError(error) || Number(error.code) !== ALREADY_EXISTS) throw error;
    });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = attributes.filter(({ name }) => customAttributes[name] === undefined);
    const types = missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]);
    if (types.length > 0)
      await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
    const query = attributes.map(({ name }) => `${name} IS NULL`).join(' AND ');
    await workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  });
