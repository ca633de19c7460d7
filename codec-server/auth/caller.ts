import type { Role } from '../masking/mask-json.js';

export interface Caller {
  /** The name of the token's entry, or the subject of the JSON web token. */
  readonly name: string;
  /** Absent if the credential is valid and grants no role. */
  readonly role?: Role;
}

export interface Credentials {
  /**
   * Finds the caller of a valid credential. Called on every request, so that a revoked credential is rejected at once.
   */
  readonly callerOf: (credential: string) => Promise<Caller | undefined>;
}

export const anyOf = (kinds: readonly Credentials[]): Credentials => ({
  callerOf: async (credential) => {
    for (const kind of kinds) {
      const caller = await kind.callerOf(credential);
      if (caller !== undefined) return caller;
    }
    return undefined;
  },
});
