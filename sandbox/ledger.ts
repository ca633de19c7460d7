import * as t from 'io-ts';
import { KINDS, type Kind } from './model.js';

/** What Verifik charges in the sandbox, in credits. Registering anew charges, recreating and resending do not. */
export const TARIFF = { registration: 1, email: 1, phone: 2, document: 5, biometric: 5 } as const;

const CountsByKind = t.type({ email: t.number, phone: t.number, document: t.number, biometric: t.number });

export const RequestCodec = t.intersection([
  t.type({
    /** ms since the Unix epoch, by the sandbox's clock. */
    at: t.number,
    method: t.string,
    /** The route's pattern, or `(unknown)`. */
    route: t.string,
    /** null where no whole answer was given: not yet, or never. */
    status: t.union([t.number, t.null]),
    /** The kind of the fault that the call met. */
    fault: t.union([t.string, t.null]),
  }),
  t.partial({
    /** Its header `X-Request-Id`. */
    requestId: t.string,
  }),
]);

/** One request as it came in, whatever became of it: never its body. */
export type LoggedRequest = t.TypeOf<typeof RequestCodec>;

export const LedgerCodec = t.type({
  /** By method and route: every call that came in, also those without an answer. */
  calls: t.record(t.string, t.number),
  registrationsCreated: t.number,
  registrationsRecreated: t.number,
  /** How many registrations were created for an email address or a phone number with its country code. */
  registrationsByContact: t.record(t.string, t.number),
  tokensMinted: t.number,
  resendLinks: t.number,
  sessionsRefreshed: t.number,
  validationsCreated: CountsByKind,
  validationsByRegistration: t.record(t.string, t.partial(CountsByKind.props)),
  /** All that was charged, by `TARIFF`. */
  credits: t.number,
});

/** What tests judge by. */
export type LedgerSnapshot = t.TypeOf<typeof LedgerCodec>;

type Counted = 'registrationsRecreated' | 'tokensMinted' | 'resendLinks' | 'sessionsRefreshed';

const MAX_REQUESTS = 100_000;

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Counts what was done and charged. */
export class Ledger {
  readonly requests: LoggedRequest[] = [];
  #calls = new Map<string, number>();
  #byContact = new Map<string, number>();
  #byRegistration = new Map<string, Partial<Record<Kind, number>>>();
  #registrationsCreated = 0;
  #counts: Record<Counted, number> = {
    registrationsRecreated: 0,
    tokensMinted: 0,
    resendLinks: 0,
    sessionsRefreshed: 0,
  };
  #validations: Record<Kind, number> = { email: 0, phone: 0, document: 0, biometric: 0 };

  /** A request has come in. What became of it is written into it later. */
  arrived(request: LoggedRequest): void {
    increment(this.#calls, `${request.method} ${request.route}`);
    if (this.requests.length < MAX_REQUESTS) this.requests.push(request);
  }

  count(what: Counted): void {
    this.#counts[what] += 1;
  }

  registrationCreated(contacts: readonly string[]): void {
    this.#registrationsCreated += 1;
    for (const contact of contacts) increment(this.#byContact, contact);
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
      registrationsCreated: this.#registrationsCreated,
      registrationsByContact: Object.fromEntries(this.#byContact),
      validationsCreated: { ...this.#validations },
      validationsByRegistration: Object.fromEntries(this.#byRegistration),
      credits: charged + this.#registrationsCreated * TARIFF.registration,
    };
  }
}
