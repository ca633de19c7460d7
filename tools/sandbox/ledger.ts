import * as t from 'io-ts';
import { KINDS, type Kind } from './model.js';
import { Traffic } from './traffic.js';

/** Prices in credits. Recreating a registration and resending a link are free. */
export const TARIFF = { registration: 1, email: 1, phone: 2, document: 5, biometric: 5 } as const;

const CountsByKind = t.type({ email: t.number, phone: t.number, document: t.number, biometric: t.number });

export const RequestCodec = t.intersection([
  t.type({
    /** ms since the Unix epoch, by the sandbox's clock. */
    at: t.number,
    method: t.string,
    /** The route's pattern, or `(unknown)`. */
    route: t.string,
    /** null if the response was not sent completely. */
    status: t.union([t.number, t.null]),
    fault: t.union([t.string, t.null]),
  }),
  t.partial({
    requestId: t.string,
  }),
]);

/** A request, without its body. */
export type LoggedRequest = t.TypeOf<typeof RequestCodec>;

const Counts = t.record(t.string, t.number);
const KindsByRegistration = t.record(t.string, t.partial(CountsByKind.props));

export const TotalsCodec = t.type({
  /** All calls by method and route, including those without a response. */
  calls: Counts,
  callsRefused: t.number,
  /** The most calls in any period of 1 s and 10 s, without those of the sandbox's own applicants. */
  busiest: t.type({ oneSecond: t.number, tenSeconds: t.number }),
  registrationsCreated: t.number,
  registrationsRecreated: t.number,
  tokensMinted: t.number,
  resendLinks: t.number,
  sessionsRefreshed: t.number,
  validationsCreated: CountsByKind,
  credits: t.number,
});

/** The ledger without its entries per registration. Its cost does not depend on their number. */
export type LedgerTotals = t.TypeOf<typeof TotalsCodec>;

export const LedgerCodec = t.intersection([
  TotalsCodec,
  t.type({
    /** The number of registrations by email address or phone number with country code. */
    registrationsByContact: Counts,
    /** How often each registration was recreated, by id. Registrations that never were are absent. */
    registrationsRecreatedByRegistration: Counts,
    /** How often recreating a registration discarded a passed email or phone check, by id. */
    finishedChecksDiscardedByRegistration: Counts,
    resendLinksByRegistration: Counts,
    validationsByRegistration: KindsByRegistration,
  }),
]);

export type LedgerSnapshot = t.TypeOf<typeof LedgerCodec>;

export const RepeatedCodec = t.type({
  registrationsRecreated: Counts,
  resendLinks: Counts,
  validations: KindsByRegistration,
});

/** Operations that were repeated more often than a threshold, by registration id. */
export type Repeated = t.TypeOf<typeof RepeatedCodec>;

type Counted = 'registrationsRecreated' | 'tokensMinted' | 'resendLinks' | 'sessionsRefreshed';

const MAX_REQUESTS = 100_000;

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const above = (counts: ReadonlyMap<string, number>, threshold: number): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].filter(([, count]) => count > threshold));

export class Ledger {
  readonly traffic = new Traffic();
  readonly requests: LoggedRequest[] = [];
  #calls = new Map<string, number>();
  #byContact = new Map<string, number>();
  #validationsBy = new Map<string, Partial<Record<Kind, number>>>();
  #recreationsBy = new Map<string, number>();
  #discardsBy = new Map<string, number>();
  #resendLinksBy = new Map<string, number>();
  #registrationsCreated = 0;
  #counts: Record<Counted, number> = {
    registrationsRecreated: 0,
    tokensMinted: 0,
    resendLinks: 0,
    sessionsRefreshed: 0,
  };
  #validations: Record<Kind, number> = { email: 0, phone: 0, document: 0, biometric: 0 };

  /** Records a request. The caller updates its status and fault later. */
  addRequest(request: LoggedRequest): void {
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
    const counts = this.#validationsBy.get(appRegistrationId) ?? {};
    this.#validationsBy.set(appRegistrationId, { ...counts, [kind]: (counts[kind] ?? 0) + 1 });
  }

  /** `discards`: recreating discarded a passed check. */
  registrationRecreated(appRegistrationId: string, discards: boolean): void {
    this.count('registrationsRecreated');
    increment(this.#recreationsBy, appRegistrationId);
    if (discards) increment(this.#discardsBy, appRegistrationId);
  }

  resendLinkMade(appRegistrationId: string): void {
    this.count('resendLinks');
    increment(this.#resendLinksBy, appRegistrationId);
  }

  totals(): LedgerTotals {
    const charged = KINDS.reduce((sum, kind) => sum + this.#validations[kind] * TARIFF[kind], 0);
    return {
      ...this.#counts,
      calls: Object.fromEntries(this.#calls),
      registrationsCreated: this.#registrationsCreated,
      callsRefused: this.traffic.refused,
      busiest: this.traffic.busiest,
      validationsCreated: { ...this.#validations },
      credits: charged + this.#registrationsCreated * TARIFF.registration,
    };
  }

  snapshot(): LedgerSnapshot {
    return {
      ...this.totals(),
      registrationsByContact: Object.fromEntries(this.#byContact),
      registrationsRecreatedByRegistration: Object.fromEntries(this.#recreationsBy),
      finishedChecksDiscardedByRegistration: Object.fromEntries(this.#discardsBy),
      resendLinksByRegistration: Object.fromEntries(this.#resendLinksBy),
      validationsByRegistration: Object.fromEntries(this.#validationsBy),
    };
  }

  /** Returns the operations that happened more than `threshold` times for one registration. */
  repeated(threshold: number): Repeated {
    const validations = [...this.#validationsBy].map(([id, counts]) => {
      const repeatedKinds = Object.entries(counts).filter(([, count]) => count > threshold);
      return [id, Object.fromEntries(repeatedKinds)] as const;
    });
    return {
      registrationsRecreated: above(this.#recreationsBy, threshold),
      resendLinks: above(this.#resendLinksBy, threshold),
      validations: Object.fromEntries(validations.filter(([, counts]) => Object.keys(counts).length > 0)),
    };
  }
}
