import type { Sandbox } from '../../tools/sandbox/index.js';

/** The calls of Verifik's API, as the sandbox names them in faults and counts. */
export const CREATE = 'POST /v2/app-registrations';
export const READ = 'GET /v2/app-registrations/:id';
export const LIST = 'GET /v2/app-registrations';
export const RESEND = 'POST /v2/app-registrations/:id/resend-link';

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
  };
};
