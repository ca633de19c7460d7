import { pathToFileURL } from 'node:url';
import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';

/** What registering found and did. */
export interface SearchAttributeSetup {
  readonly added: readonly string[];
  readonly present: readonly string[];
}

const ALL = Object.values(SEARCH_ATTRIBUTES);

/** Adds search attributes that the namespace does not have. */
export const addSearchAttributes = async (
  connection: Connection,
  namespace: string,
  keys: readonly (typeof ALL)[number][] = ALL,
): Promise<void> => {
  const types = keys.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
};

/**
 * Registers the search attributes of onboardings with a namespace. Those that are there already stay as they are, so that it may
 * be repeated.
 */
export const registerSearchAttributes = async (
  connection: Connection,
  namespace: string,
): Promise<SearchAttributeSetup> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const isThere = ({ name }: (typeof ALL)[number]) => customAttributes[name] !== undefined;
  const missing = ALL.filter((key) => !isThere(key));
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
  return { added: missing.map(({ name }) => name), present: ALL.filter(isThere).map(({ name }) => name) };
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    const { added, present } = await registerSearchAttributes(connection, namespace);
    process.stdout.write(`Namespace ${namespace}: ${added.length} added, ${present.length} there already.\n`);
  } finally {
    await connection.close();
  }
}
