import { type ApplicationFailure, condition } from '@temporalio/workflow';
import type { LiveRegistration } from '../../contract/messages.js';
import type { State } from '../../domain/state.js';
import { type Cause, causedBy, endedFailure } from '../shared/decoding.js';

/** The part of a run that a waiter looks at. */
interface Source {
  readonly state: State;
}

/** A token that Verifik gave after `generation`, where there is one. */
const tokenAfter = ({ progress, generation }: State, after: number): LiveRegistration | undefined => {
  if (progress.phase !== 'validating' || generation <= after) return undefined;
  const { token, appRegistrationId } = progress.registration;
  return token && { appRegistrationId, ...token, generation };
};

interface Rejection {
  readonly failure: ApplicationFailure;
  readonly whom: 'all' | 'reRegister';
}

/** The callers that wait for a token, and the failures that they are rejected with. */
export class TokenWaiters {
  #rejections: readonly Rejection[] = [];

  /** How often waiters were rejected in this run. */
  get rejectionCount(): number {
    return this.#rejections.length;
  }

  /** Rejects the callers that wait now: all, or only those that asked for a re-registration. */
  reject(failure: ApplicationFailure, whom: Rejection['whom'] = 'all'): void {
    this.#rejections = [...this.#rejections, { failure, whom }];
  }

  /**
   * Waits for a token of a later generation than `after`.
   *
   * @throws ApplicationFailure that this caller was rejected with, or `AlreadyEnded`, with the `cause`.
   */
  async waitFor(
    source: Source,
    after: number,
    { cause, as = 'token' }: { readonly cause: Cause; readonly as?: 'token' | 'reRegister' },
  ): Promise<LiveRegistration> {
    const seen = this.rejectionCount;
    const token = () => tokenAfter(source.state, after);
    const rejection = () => this.#rejections.slice(seen).find(({ whom }) => whom === 'all' || whom === as);
    const hasEnded = () => source.state.progress.phase === 'ended';
    await condition(() => token() !== undefined || rejection() !== undefined || hasEnded());
    const found = token();
    if (found !== undefined) return found;
    throw causedBy(rejection()?.failure ?? endedFailure(source.state), cause);
  }
}
