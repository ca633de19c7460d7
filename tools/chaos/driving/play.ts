import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type Applicant, AttemptRefused, createApplicant } from '../../sandbox/index.js';
import { type Member, type PersonaName, personaOf, RECONCILE } from '../personas.js';
import type { Verifik } from '../setting/verifik.js';
import { type Backend, Refused } from './backend.js';

/** What an applicant needs around them: their service's backend, and Verifik. */
export interface Stage {
  readonly backend: Backend;
  readonly verifik: Verifik;
  /** Told of every token that was given out: secrets that nobody may find. */
  readonly onToken: (member: Member, token: string) => void;
}

const Registration = t.type({ appRegistrationId: t.string, token: t.string });
type Registration = t.TypeOf<typeof Registration>;

const Standing = t.intersection([
  t.type({ phase: t.string }),
  t.partial({
    hold: t.string,
    checks: t.partial({ document: t.partial({ attempts: t.type({ failed: t.number }) }) }),
  }),
]);
type Standing = t.TypeOf<typeof Standing>;

const LOOK_AGAIN_MS = 1_000;
const PATIENCE_MS = 300_000;
const TRIES = 30;

const read = <A>(codec: t.Decoder<unknown, A>, body: unknown, what: string): A => {
  const decoded = codec.decode(body);
  if (E.isLeft(decoded)) throw new Error(`${what} was answered in another shape`);
  return decoded.right;
};

const unlessEnded = (error: unknown): void => {
  if (!(error instanceof Refused && error.code === 'ended')) throw error;
};

/** One onboarding under way: its applicant, and what the service does for them. */
class Play {
  readonly member: Member;
  readonly #stage: Stage;

  constructor(stage: Stage, member: Member) {
    this.#stage = stage;
    this.member = member;
  }

  get #path(): string {
    return `/onboardings/${this.member.reference}`;
  }

  async #registration(path: string, body?: unknown, key?: string): Promise<Registration> {
    const registration = read(Registration, await this.#stage.backend.call('POST', path, body, key), path);
    this.#stage.onToken(this.member, registration.token);
    return registration;
  }

  start(): Promise<Registration> {
    const { reference, person, persona } = this.member;
    const { email, phone, countryCode, fullName } = person;
    const { project, projectFlow } = this.#stage.verifik;
    const policy = { reconcile: RECONCILE, ...personaOf(persona).policy };
    const contact = { email, phone, countryCode };
    return this.#registration('/onboardings', { reference, project, projectFlow, contact, fullName, policy });
  }

  token(): Promise<Registration> {
    return this.#registration(`${this.#path}/token`);
  }

  registerAgain(): Promise<Registration> {
    const body = { reason: 'asked for it' };
    return this.#registration(`${this.#path}/re-registration`, body, `again-${this.member.reference}`);
  }

  async withdraw(): Promise<void> {
    await this.#stage.backend.call('POST', `${this.#path}/withdrawal`);
  }

  async approve(): Promise<void> {
    const review = { decision: 'approve', reviewer: 'reviewer-1' };
    // One whose answer was lost may have been the end of the review, or of the onboarding: repeated under its key, it is answered the same.
    await this.#stage.backend.call('POST', `${this.#path}/review`, review, `approve-${this.member.reference}`);
  }

  forget({ appRegistrationId }: Registration): Promise<void> {
    return this.#stage.verifik.control.forget(appRegistrationId);
  }

  applicant({ token }: Registration): Applicant {
    const { url, project } = this.#stage.verifik;
    return createApplicant({ url, token, project, person: this.member.person });
  }

  /** Looks at the onboarding until something is so, or it has ended. */
  async until(isSo: (standing: Standing) => boolean): Promise<Standing> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const standing = read(Standing, await this.#stage.backend.call('GET', this.#path), 'an onboarding');
      if (standing.phase === 'ended' || isSo(standing)) return standing;
      if (Date.now() > deadline) throw new Error('the onboarding does not come to what it should');
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

/** An applicant does not give up when Verifik fails them. */
const patiently = async <A>(attempt: () => Promise<A>): Promise<A> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AttemptRefused || tried === TRIES) throw error;
    }
  }
};

const pass = async (applicant: Applicant, ...checks: readonly ('email' | 'phone' | 'document' | 'biometric')[]) => {
  for (const check of checks) await patiently(() => applicant.pass(check));
};

const PARTS: Readonly<Record<PersonaName, (play: Play) => Promise<void>>> = {
  passes: async (play) => {
    await pass(play.applicant(await play.start()), 'email', 'phone', 'document', 'biometric');
  },

  stumbles: async (play) => {
    const applicant = play.applicant(await play.start());
    await pass(applicant, 'email', 'phone', 'document');
    await patiently(() => applicant.uploadDocument({ force: true }));
    await pass(applicant, 'biometric');
  },

  fails: async (play) => {
    const applicant = play.applicant(await play.start());
    await pass(applicant, 'email', 'phone', 'document');
    // The page lets them try again when it knows that the last attempt has failed.
    for (let seen = 0; ; ) {
      const { phase, checks } = await play.until(
        (standing) => (standing.checks?.document?.attempts?.failed ?? 0) > seen,
      );
      if (phase === 'ended') return;
      seen = checks?.document?.attempts?.failed ?? seen;
      await patiently(() => applicant.uploadDocument({ force: true }));
    }
  },

  withdraws: async (play) => {
    await pass(play.applicant(await play.start()), 'email', 'phone');
    await play.withdraw();
  },

  registersAgain: async (play) => {
    await pass(play.applicant(await play.start()), 'email', 'phone', 'document');
    await pass(play.applicant(await play.registerAgain()), 'email', 'phone', 'document', 'biometric');
  },

  getsLost: async (play) => {
    const lost = await play.start();
    await pass(play.applicant(lost), 'email', 'phone');
    await play.forget(lost);
    const deadline = Date.now() + PATIENCE_MS;
    let found = lost;
    while (found.appRegistrationId === lost.appRegistrationId) {
      if (Date.now() > deadline) throw new Error('the applicant is not registered again');
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      found = await play.token();
    }
    await pass(play.applicant(found), 'email', 'phone', 'document', 'biometric');
  },

  isReviewed: async (play) => {
    await pass(play.applicant(await play.start()), 'email', 'phone', 'document', 'biometric');
    await play.until(({ hold }) => hold === 'review');
    await play.approve();
  },

  runsOutOfTime: async (play) => {
    // The deadline may have come first.
    const registration = await play.start().catch(unlessEnded);
    if (registration !== undefined) await pass(play.applicant(registration), 'email');
  },
};

/** The applicant does what their persona does. Rejects where something stopped them that should not have. */
export const play = (stage: Stage, member: Member): Promise<void> => PARTS[member.persona](new Play(stage, member));
