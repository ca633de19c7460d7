import type { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { compareSearchAttributes } from '../../shared/namespace.js';

type Key = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];

const ALL: readonly Key[] = Object.values(SEARCH_ATTRIBUTES);

const namesOf = (keys: readonly Key[]): readonly string[] => keys.map(({ name }) => name);

/** The namespace has a search attribute of the same name with another type, which Temporal cannot change. */
export class SearchAttributeError extends Error {
  override readonly name = 'SearchAttributeError';
}

/** Adds search attributes that the namespace must not have yet. */
export const addSearchAttributes = async (
  connection: Connection,
  namespace: string,
  keys: readonly Key[] = ALL,
): Promise<void> => {
  const types = keys.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
};

const findAttributes = async (connection: Connection, namespace: string) => {
  const { present, missing, mistyped } = await compareSearchAttributes(connection, namespace, ALL);
  if (mistyped.length > 0)
    throw new SearchAttributeError(
      `namespace ${namespace}: ${mistyped.map(({ name, type }) => `${name}: expected type ${type}, found another`).join('; ')}`,
    );
  return { present, missing };
};

/**
 * Returns the names of the search attributes of onboardings that a namespace does not have.
 *
 * @throws SearchAttributeError if it has one with another type.
 */
export const missingSearchAttributes = async (connection: Connection, namespace: string): Promise<readonly string[]> =>
  namesOf((await findAttributes(connection, namespace)).missing);

/**
 * Registers the search attributes of onboardings in a namespace, and returns the names of those that it registered and
 * of those that were present. Idempotent.
 *
 * @throws SearchAttributeError if one is present with another type.
 */
export const registerSearchAttributes = async (connection: Connection, namespace: string) => {
  const { present, missing } = await findAttributes(connection, namespace);
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
  return { registered: namesOf(missing), present: namesOf(present) };
};
