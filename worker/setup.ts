import { pathToFileURL } from 'node:url';
import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';

/** What registering found and did. */
export interface SearchAttributeSetup {
  readonly added: readonly string[];
  readonly present: readonly string[];
}

/** The namespace cannot have our search attributes. */
export class SearchAttributeError extends Error {
  override readonly name = 'SearchAttributeError';
}

const ALL = Object.values(SEARCH_ATTRIBUTES);

const typeOf = ({ type }: (typeof ALL)[number]) => encodeSearchAttributeIndexedValueType(type) ?? 0;

/** Adds search attributes that the namespace does not have. */
export const addSearchAttributes = async (
  connection: Connection,
  namespace: string,
  keys: readonly (typeof ALL)[number][] = ALL,
): Promise<void> => {
  const types = keys.map((key) => [key.name, typeOf(key)]);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
};

/**
 * Registers the search attributes of onboardings with a namespace. Those that are there already stay as they are, so that it may
 * be repeated.
 *
 * @throws SearchAttributeError where one is there with another type: Temporal cannot change it, and queries would not work.
 */
export const registerSearchAttributes = async (
  connection: Connection,
  namespace: string,
): Promise<SearchAttributeSetup> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const isThere = ({ name }: (typeof ALL)[number]) => customAttributes[name] !== undefined;
  const others = ALL.filter((key) => isThere(key) && customAttributes[key.name] !== typeOf(key));
  if (others.length > 0)
    throw new SearchAttributeError(
      `Namespace ${namespace}: ${others.map(({ name, type }) => `${name}: expected type ${type}, found another`).join('; ')}`,
    );
  const missing = ALL.filter((key) => !isThere(key));
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
  return { added: missing.map(({ name }) => name), present: ALL.filter(isThere).map(({ name }) => name) };
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
