import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { retry } from '../../processes/retry.js';
import type { SandboxProcess } from '../../processes/sandbox-process.js';
import { type Applicant as ApplicantDevice, AttemptRefused, createApplicant } from '../../sandbox/index.js';
import { type Applicant, type PersonaName, personaOf, RECONCILE } from '../personas.js';
import { type Backend, Refused } from './backend.js';

export interface ScenarioContext {
  readonly backend: Backend;
  readonly verifik: SandboxProcess;
  /** Receives every registration token, which must not leak. */
  readonly onToken: (applicant: Applicant, token: string) => void;
}

const Registration = t.type({ appRegistrationId: t.string, token: t.string });
type Registration = t.TypeOf<typeof Registration>;

const Snapshot = t.intersection([
  t.type({ phase: t.string }),
  t.partial({
    hold: t.string,
    remindersSent: t.number,
    checks: t.partial({ document: t.partial({ attempts: t.type({ failed: t.number }) }) }),
  }),
]);
type Snapshot = t.TypeOf<typeof Snapshot>;

const POLL_INTERVAL_MS = 1_000;
const POLL_TIMEOUT_MS = 300_000;
const MAX_ATTEMPTS = 30;

const read = <A>(codec: t.Decoder<unknown, A>, body: unknown, what: string): A => {
  const decoded = codec.decode(body);
  if (E.isLeft(decoded)) throw new Error(`the answer to ${what} has an unexpected shape`);
  return decoded.right;
};

const polled = <A>(poll: () => Promise<A>): Promise<A> =>
  retry(poll, {
    timeoutMs: POLL_TIMEOUT_MS,
    delayMs: POLL_INTERVAL_MS,
    isFinal: (error) => error instanceof Refused,
  });

const unlessEnded = (error: unknown): void => {
  if (!(error instanceof Refused && error.code === 'alreadyEnded')) throw error;
};

/** The actions of one applicant and of the service that onboards them. */
class Scenario {
  readonly applicant: Applicant;
  readonly #context: ScenarioContext;

  constructor(context: ScenarioContext, applicant: Applicant) {
    this.#context = context;
    this.applicant = applicant;
  }

  get #path(): string {
    return `/onboardings/${this.applicant.reference}`;
  }

  async #registration(path: string, body?: object, key?: string): Promise<Registration> {
    const registration = read(Registration, await this.#context.backend.call('POST', path, body, key), path);
    this.#context.onToken(this.applicant, registration.token);
    return registration;
  }

  start(): Promise<Registration> {
    const { reference, person, persona } = this.applicant;
    const { email, phone, countryCode, fullName } = person;
    const { project, projectFlow } = this.#context.verifik;
    const policy = { reconcile: RECONCILE, ...personaOf(persona).policy };
    const contact = { email, phone, countryCode };
    return this.#registration('/onboardings', { reference, project, projectFlow, contact, fullName, policy });
  }

  token(): Promise<Registration> {
    return this.#registration(`${this.#path}/token`);
  }

  registerAgain(): Promise<Registration> {
    const body = { reason: 'the device asked for it' };
    return this.#registration(`${this.#path}/re-registration`, body, `again-${this.applicant.reference}`);
  }

  async withdraw(): Promise<void> {
    await this.#context.backend.call('POST', `${this.#path}/withdrawal`);
  }

  /** Leaves documents to reviewers, also one that is sent again because Verifik's response was lost. */
  async holdDocuments({ appRegistrationId }: Registration): Promise<void> {
    await this.#context.verifik.control.force(appRegistrationId, { document: 'ACTIVE_BUT_UNVERIFIED' });
  }

  async releaseDocuments({ appRegistrationId }: Registration): Promise<void> {
    await this.#context.verifik.control.force(appRegistrationId, {});
  }

  /** Claims the review and has the applicant repeat the document. */
  async requestDocument(): Promise<void> {
    const reviewer = 'reviewer-1';
    await this.#context.backend.call('POST', `${this.#path}/review/claim`, { reviewer });
    const request = { reviewer, checks: ['document'], reason: 'The photo is blurred.' };
    await this.#context.backend.call(
      'POST',
      `${this.#path}/review/again`,
      request,
      `repeat-${this.applicant.reference}`,
    );
  }

  async approve(): Promise<void> {
    const review = { decision: 'approve', reviewer: 'reviewer-1' };
    // The key makes a retry succeed even if the lost first call has decided the review.
    await this.#context.backend.call('POST', `${this.#path}/review`, review, `approve-${this.applicant.reference}`);
  }

  forget({ appRegistrationId }: Registration): Promise<void> {
    return this.#context.verifik.control.forget(appRegistrationId);
  }

  device({ token }: Registration): ApplicantDevice {
    const { url, project } = this.#context.verifik;
    return createApplicant({ url, token, project, person: this.applicant.person });
  }

  /** Polls the onboarding until the condition is true or the onboarding has ended. */
  until(isReached: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    return polled(async () => {
      const snapshot = read(Snapshot, await this.#context.backend.call('GET', this.#path), `GET ${this.#path}`);
      if (snapshot.phase === 'ended' || isReached(snapshot)) return snapshot;
      throw new Error('the onboarding does not reach the expected state');
    });
  }
}

/** Repeats an attempt, which fails while Verifik has faults, unless Verifik refuses it. */
const withRetries = <A>(attempt: () => Promise<A>): Promise<A> =>
  retry(attempt, { attempts: MAX_ATTEMPTS, isFinal: (error) => error instanceof AttemptRefused });

const pass = async (device: ApplicantDevice, ...checks: readonly ('email' | 'phone' | 'document' | 'biometric')[]) => {
  for (const check of checks) await withRetries(() => device.pass(check));
};

const SCENARIOS: Readonly<Record<PersonaName, (scenario: Scenario) => Promise<void>>> = {
  passes: async (scenario) => {
    await pass(scenario.device(await scenario.start()), 'email', 'phone', 'document', 'biometric');
  },

  stumbles: async (scenario) => {
    const device = scenario.device(await scenario.start());
    await pass(device, 'email', 'phone', 'document');
    await withRetries(() => device.uploadDocument({ force: true }));
    await pass(device, 'biometric');
  },

  fails: async (scenario) => {
    const device = scenario.device(await scenario.start());
    await pass(device, 'email', 'phone', 'document');
    // Like a page that offers another attempt when the last one has failed.
    for (let seen = 0; ; ) {
      const { phase, checks } = await scenario.until(
        (snapshot) => (snapshot.checks?.document?.attempts?.failed ?? 0) > seen,
      );
      if (phase === 'ended') return;
      seen = checks?.document?.attempts?.failed ?? seen;
      await withRetries(() => device.uploadDocument({ force: true }));
    }
  },

  withdraws: async (scenario) => {
    await pass(scenario.device(await scenario.start()), 'email', 'phone');
    await scenario.withdraw();
  },

  registersAgain: async (scenario) => {
    await pass(scenario.device(await scenario.start()), 'email', 'phone', 'document');
    await pass(scenario.device(await scenario.registerAgain()), 'email', 'phone', 'document', 'biometric');
  },

  getsLost: async (scenario) => {
    const lost = await scenario.start();
    await pass(scenario.device(lost), 'email', 'phone');
    await scenario.forget(lost);
    const next = await polled(async () => {
      const current = await scenario.token();
      if (current.appRegistrationId !== lost.appRegistrationId) return current;
      throw new Error('the applicant has no new registration');
    });
    await pass(scenario.device(next), 'email', 'phone', 'document', 'biometric');
  },

  isReviewed: async (scenario) => {
    await pass(scenario.device(await scenario.start()), 'email', 'phone', 'document', 'biometric');
    await scenario.until(({ hold }) => hold === 'review');
    await scenario.approve();
  },

  repeats: async (scenario) => {
    const registration = await scenario.start();
    await scenario.holdDocuments(registration);
    await pass(scenario.device(registration), 'email', 'phone', 'document', 'biometric');
    await scenario.until(({ hold }) => hold === 'review');
    await scenario.releaseDocuments(registration);
    await scenario.requestDocument();
    // The link comes after the former document has been deleted.
    await scenario.until(({ remindersSent = 0 }) => remindersSent > 0);
    await pass(scenario.device(await scenario.token()), 'document', 'biometric');
  },

  runsOutOfTime: async (scenario) => {
    // Faults may delay the start beyond the deadline.
    const registration = await scenario.start().catch(unlessEnded);
    if (registration !== undefined) await pass(scenario.device(registration), 'email');
  },
};

/** Runs the scenario of the persona. Rejects if the applicant cannot finish it. */
export const runScenario = (context: ScenarioContext, applicant: Applicant): Promise<void> =>
  SCENARIOS[applicant.persona](new Scenario(context, applicant));
