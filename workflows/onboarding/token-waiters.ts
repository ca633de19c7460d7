import { type ApplicationFailure, condition } from '@temporalio/workflow';
import type { LiveRegistration } from '../../contract/messages.js';
import type { State } from '../../domain/state.js';
import { endedFailure, forRequest } from '../shared/decoding.js';

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

/** The callers that wait for a token, and the failures that they are rejected with. */
export class TokenWaiters {
  #rejections: readonly ApplicationFailure[] = [];

  /** How often waiters were rejected in this run. */
  get rejectionCount(): number {
    return this.#rejections.length;
  }

  /** Rejects everyone who waits now. */
  reject(failure: ApplicationFailure): void {
    this.#rejections = [...this.#rejections, failure];
  }

  /**
   * Waits for a token of a later generation than `after`.
   *
   * @throws ApplicationFailure that this caller was rejected with, or `AlreadyEnded`. It carries `requestId` where there is one.
   */
  async waitFor(source: Source, after: number, requestId?: string): Promise<LiveRegistration> {
    const seen = this.rejectionCount;
    const token = () => tokenAfter(source.state, after);
    const hasEnded = () => source.state.progress.phase === 'ended';
    await condition(() => token() !== undefined || this.rejectionCount > seen || hasEnded());
    const found = token();
    if (found !== undefined) return found;
    throw forRequest(this.#rejections[seen] ?? endedFailure(source.state), requestId);
  }
}
