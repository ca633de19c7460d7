import type { Sandbox } from '../../tools/sandbox/index.js';

/** What the vendor counted while something was done: the sandbox's ledger is the judge. */
export const counted = async <A>({ control }: Sandbox, act: () => Promise<A>) => {
  const before = await control.ledger();
  const result = await act();
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
