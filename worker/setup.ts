import { pathToFileURL } from 'node:url';
import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';

/** The namespace has a search attribute of the same name with another type. */
export class SearchAttributeError extends Error {
  override readonly name = 'SearchAttributeError';
}

const ALL = Object.values(SEARCH_ATTRIBUTES);

const typeOf = ({ type }: (typeof ALL)[number]) => encodeSearchAttributeIndexedValueType(type) ?? 0;

/** Adds search attributes that the namespace must not have yet. */
export const addSearchAttributes = async (
  connection: Connection,
  namespace: string,
  keys: readonly (typeof ALL)[number][] = ALL,
): Promise<void> => {
  const types = keys.map((key) => [key.name, typeOf(key)]);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
};

/**
 * Registers the search attributes of onboardings in a namespace, and returns the names of those that it added and of
 * those that existed. Idempotent.
 *
 * @throws SearchAttributeError if one exists with another type, which Temporal cannot change.
 */
export const registerSearchAttributes = async (connection: Connection, namespace: string) => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const exists = ({ name }: (typeof ALL)[number]) => customAttributes[name] !== undefined;
  const mismatched = ALL.filter((key) => exists(key) && customAttributes[key.name] !== typeOf(key));
  if (mismatched.length > 0)
    throw new SearchAttributeError(
      `Namespace ${namespace}: ${mismatched.map(({ name, type }) => `${name}: expected type ${type}, found another`).join('; ')}`,
    );
  const missing = ALL.filter((key) => !exists(key));
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
  return { added: missing.map(({ name }) => name), present: ALL.filter(exists).map(({ name }) => name) };
};

const setUp = async (): Promise<void> => {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    const { added, present } = await registerSearchAttributes(connection, namespace);
    process.stdout.write(`Namespace ${namespace}: ${added.length} added, ${present.length} there already.\n`);
  } finally {
    await connection.close();
  }
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await setUp().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The search attributes could not be registered. ${why}\n`);
    process.exitCode = 1;
  });
