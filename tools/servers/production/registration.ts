import { Connection, isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs } from '@temporalio/common/lib/time.js';
import { checkConnection, type SearchAttribute, serves } from '../serving.js';

const ALREADY_EXISTS = 6;

/** Retention of closed workflows: long enough to inspect a long run at its end. */
const RETENTION = '1 day';

/** True if the frontend responds, with or without our namespace. */
export const frontendResponds = (address: string): Promise<boolean> =>
  checkConnection(address, async ({ workflowService }) => {
    await workflowService.describeNamespace({ namespace: 'temporal-system' });
    return true;
  });

const registerNamespace = async ({ workflowService }: Connection, namespace: string): Promise<void> => {
  try {
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(RETENTION) });
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== ALREADY_EXISTS) throw error;
  }
};

export const register = async (
  address: string,
  namespace: string,
  attributes: readonly SearchAttribute[],
): Promise<void> => {
  const connection = await Connection.connect({ address });
  try {
    await registerNamespace(connection, namespace);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = attributes.filter(({ name }) => customAttributes[name] === undefined);
    if (missing.length === 0) return;
    const types = missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]);
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
  } finally {
    await connection.close();
  }
};

/** True if the namespace exists, has all search attributes, and visibility queries can use them. */
export const servesWithVisibility = async (
  address: string,
  namespace: string,
  attributes: readonly SearchAttribute[],
): Promise<boolean> =>
  (await serves(address, namespace, attributes)) &&
  checkConnection(address, async ({ workflowService }) => {
    const query = attributes.map(({ name }) => `${name} IS NULL`).join(' AND ');
    await workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  });
