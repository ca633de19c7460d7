import { KINDS, type Kind } from './model.js';

/** What Verifik charges in the sandbox, in credits. */
export const TARIFF = { registration: 1, email: 1, phone: 2, document: 5, biometric: 5 } as const;

/** One request as it was answered: never its body. */
export interface LoggedRequest {
  readonly at: number;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly requestId?: string;
}

/** What tests judge by. */
export interface LedgerSnapshot {
  readonly calls: Readonly<Record<string, number>>;
  readonly registrationsCreated: number;
  readonly registrationsRecreated: number;
  readonly tokensMinted: number;
  readonly resendLinks: number;
  readonly sessionsRefreshed: number;
  readonly validationsCreated: Readonly<Record<Kind, number>>;
  readonly validationsByRegistration: Readonly<Record<string, Partial<Record<Kind, number>>>>;
  readonly credits: number;
}

type Counted = 'registrationsCreated' | 'registrationsRecreated' | 'tokensMinted' | 'resendLinks' | 'sessionsRefreshed';

const MAX_REQUESTS = 100_000;

/** Counts what was done and charged. */
export class Ledger {
  readonly requests: LoggedRequest[] = [];
  #calls = new Map<string, number>();
  #byRegistration = new Map<string, Partial<Record<Kind, number>>>();
  #counts: Record<Counted, number> = {
    registrationsCreated: 0,
    registrationsRecreated: 0,
    tokensMinted: 0,
    resendLinks: 0,
    sessionsRefreshed: 0,
  };
  #validations: Record<Kind, number> = { email: 0, phone: 0, document: 0, biometric: 0 };

  /** A call has come in, whatever will become of it. */
  called(call: string): void {
    this.#calls.set(call, (this.#calls.get(call) ?? 0) + 1);
  }

  /** A call has been answered. */
  answered(request: LoggedRequest): void {
    if (this.requests.length < MAX_REQUESTS) this.requests.push(request);
  }

  count(what: Counted): void {
    this.#counts[what] += 1;
  }

  validationCreated(kind: Kind, appRegistrationId: string): void {
    this.#validations[kind] += 1;
    const counts = this.#byRegistration.get(appRegistrationId) ?? {};
    this.#byRegistration.set(appRegistrationId, { ...counts, [kind]: (counts[kind] ?? 0) + 1 });
  }

  snapshot(): LedgerSnapshot {
    const charged = KINDS.reduce((sum, kind) => sum + this.#validations[kind] * TARIFF[kind], 0);
    return {
      ...this.#counts,
      calls: Object.fromEntries(this.#calls),
      validationsCreated: { ...this.#validations },
      validationsByRegistration: Object.fromEntries(this.#byRegistration),
      credits: charged + this.#counts.registrationsCreated * TARIFF.registration,
    };
  }
}
