import type { Sandbox } from '../../tools/sandbox/index.js';

/** Runs an action and returns its result with the changes of the sandbox's ledger. */
export const counted = async <A>({ control }: Sandbox, action: () => Promise<A>) => {
  const before = await control.ledger();
  const result = await action();
  const after = await control.ledger();
  return {
    result,
    calls: (call: string) => (after.calls[call] ?? 0) - (before.calls[call] ?? 0),
    created: after.registrationsCreated - before.registrationsCreated,
    recreated: after.registrationsRecreated - before.registrationsRecreated,
    resent: after.resendLinks - before.resendLinks,
    credits: after.credits - before.credits,
    refreshed: after.sessionsRefreshed - before.sessionsRefreshed,
  };
};
