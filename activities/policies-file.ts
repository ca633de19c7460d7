import { type NamedPolicies, POLICIES_FILE } from '../domain/policy/named.js';
import { openJsonFile } from '../shared/json-file.js';

/** The named policies of a worker. */
export interface PoliciesFile {
  /**
   * Returns the policies. `undefined`: the worker has no file of policies.
   *
   * @throws JsonFileError while the file is wrong.
   */
  readonly current: () => Promise<NamedPolicies | undefined>;
}

/**
 * Opens the file of policies. It is read again when it changes: new onboardings get the changed policies.
 *
 * @throws JsonFileError if the file is wrong at the start.
 */
export const openPoliciesFile = (path: string): Promise<PoliciesFile> => openJsonFile({ path, ...POLICIES_FILE });

/** The named policies of a worker without a configured file. */
export const noPoliciesFile: PoliciesFile = { current: async () => undefined };
