import type { Role } from '../showing/masking.js';

/** Who calls, as their credential tells. */
export interface Caller {
  /** The name of the token's entry, or the subject of the JSON web token. */
  readonly name: string;
  /** Absent where the credential is good and gives no role here. */
  readonly role?: Role;
}

/** One kind of credentials. */
export interface Credentials {
  /** Whose credential it is, if it is good at this moment. Asked on every request: what is revoked or expired is so at once. */
  readonly callerOf: (credential: string) => Promise<Caller | undefined>;
}

/** Good is what any of the kinds takes for good. */
export const anyOf = (kinds: readonly Credentials[]): Credentials => ({
  callerOf: async (credential) => {
    for (const kind of kinds) {
      const caller = await kind.callerOf(credential);
      if (caller !== undefined) return caller;
    }
    return undefined;
  },
});
