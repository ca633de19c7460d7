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

/**
 * Registers the search attributes of onboardings with a namespace. Those that are there already stay as they are, so that it may
 * be repeated.
 */
export const registerSearchAttributes = async (
  connection: Connection,
  namespace: string,
): Promise<SearchAttributeSetup> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const keys = Object.values(SEARCH_ATTRIBUTES);
  const missing = keys.filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length > 0)
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]),
      ),
    });
  const added = missing.map(({ name }) => name);
  return { added, present: keys.map(({ name }) => name).filter((name) => !added.includes(name)) };
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
