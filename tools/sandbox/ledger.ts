import * as t from 'io-ts';
import { KINDS, type Kind } from './model.js';
import { Traffic } from './traffic.js';

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

const Counts = t.record(t.string, t.number);
const KindsByRegistration = t.record(t.string, t.partial(CountsByKind.props));

export const TotalsCodec = t.type({
  /** By method and route: every call that came in, also those without an answer. */
  calls: Counts,
  /** Calls that were more than `callsPerSecond`. */
  callsRefused: t.number,
  /** The most calls that came in within any one second and any ten, but for those of the sandbox's own applicants. */
  busiest: t.type({ oneSecond: t.number, tenSeconds: t.number }),
  registrationsCreated: t.number,
  registrationsRecreated: t.number,
  tokensMinted: t.number,
  resendLinks: t.number,
  sessionsRefreshed: t.number,
  validationsCreated: CountsByKind,
  /** All that was charged, by `TARIFF`. */
  credits: t.number,
});

/** The ledger without what it holds of each registration: as quick with a million of them as with none. */
export type LedgerTotals = t.TypeOf<typeof TotalsCodec>;

export const LedgerCodec = t.intersection([
  TotalsCodec,
  t.type({
    /** How many registrations were created for an email address or a phone number with its country code. */
    registrationsByContact: Counts,
    /** By id: how often each registration was created again. Those that never were are not in it. */
    registrationsRecreatedByRegistration: Counts,
    /** By id: how often being created again threw away an email or a phone that had passed. */
    finishedChecksDiscardedByRegistration: Counts,
    /** By id: how many links were sent again for each registration. */
    resendLinksByRegistration: Counts,
    validationsByRegistration: KindsByRegistration,
  }),
]);

/** What tests judge by. */
export type LedgerSnapshot = t.TypeOf<typeof LedgerCodec>;

export const RepeatedCodec = t.type({
  registrationsRecreated: Counts,
  resendLinks: Counts,
  validations: KindsByRegistration,
});

/** By id: what was done to a registration more often than so many times. */
export type Repeated = t.TypeOf<typeof RepeatedCodec>;

type Counted = 'registrationsRecreated' | 'tokensMinted' | 'resendLinks' | 'sessionsRefreshed';

const MAX_REQUESTS = 100_000;

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const above = (counts: ReadonlyMap<string, number>, most: number): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].filter(([, count]) => count > most));

/** Counts what was done and charged. */
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
    const counts = this.#validationsBy.get(appRegistrationId) ?? {};
    this.#validationsBy.set(appRegistrationId, { ...counts, [kind]: (counts[kind] ?? 0) + 1 });
  }

  /** `discards`: whether something that the applicant had finished is thrown away. */
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

  /** What was done to a registration more than `most` times. */
  repeated(most: number): Repeated {
    const validations = [...this.#validationsBy].map(([id, counts]) => {
      const often = Object.entries(counts).filter(([, count]) => count > most);
      return [id, Object.fromEntries(often)] as const;
    });
    return {
      registrationsRecreated: above(this.#recreationsBy, most),
      resendLinks: above(this.#resendLinksBy, most),
      validations: Object.fromEntries(validations.filter(([, counts]) => Object.keys(counts).length > 0)),
    };
  }
}
