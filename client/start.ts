import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import {
  type OnboardingAnswer,
  type OnboardingInput,
  onboardingQuery,
  type RegistrationAnswer,
  registrationUpdate,
} from '../contract/messages.js';
import { TOKEN_MARGIN_MS } from '../domain/policy.js';
import { decodeRequest, type OnboardingRequestInput } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { decodeFields } from '../shared/decoding.js';
import type { EpochMs } from '../shared/time.js';
import { isOutcomeOfAnotherRequest, OnboardingError, orThrow } from './errors.js';
import { decodeCallbacks } from './events.js';
import { inField } from './field-errors.js';
import type { Fingerprint } from './fingerprint.js';
import { IdempotencyKey, IdempotencyKeys } from './idempotency-keys.js';
import { query, update } from './retries.js';
import { findRun } from './runs.js';
import {
  type OnboardingWorkflow,
  type StartedOnboarding,
  type StartOptions,
  startOperation,
  toStartedOnboarding,
} from './start-operation.js';
import { referenceOf, workflowIdOfReference } from './workflow-id.js';

export interface StarterOptions {
  readonly taskQueue: string;
  readonly contactKeys: ContactKeys;
  readonly fingerprint: Fingerprint;
  /** How long the published checks may lag behind, in ms. */
  readonly publishChecksWithinMs: number;
}

interface ValidStart {
  readonly reference: string;
  readonly workflowId: string;
  readonly request: ReturnType<typeof decodeRequestOrThrow>;
  readonly input: OnboardingInput & { readonly fingerprint: string };
  readonly restart: boolean;
  readonly rejectIfDifferent: boolean;
  readonly idempotencyKey?: string;
}

const decodeRequestOrThrow = (request: OnboardingRequestInput) => orThrow(decodeRequest(request));

export const decodeIdempotencyKey = (key: string): string =>
  orThrow(E.mapLeft(inField('idempotencyKey'))(decodeFields(IdempotencyKey)(key)));

/**
 * The id of the update that requests a live token. The server limits the updates of a workflow, so all requests for the
 * same token share one update. The server also keeps the outcome by this id, so the id changes when a token expires or
 * a request is rejected.
 */
const tokenUpdateId = ({ generation, refusals = 0, registration }: OnboardingAnswer, now: EpochMs): string => {
  const { tokenLive = false, tokenExpiresAt = 0 } = registration ?? {};
  // A query returns the state of the workflow's last task, which may be hours old.
  const isLive = tokenLive && tokenExpiresAt - TOKEN_MARGIN_MS > now;
  return `registration-${generation}-${refusals}-${isLive ? 'live' : 'new'}`;
};

export class OnboardingStarter {
  readonly #temporal: Client;
  readonly #options: StarterOptions;
  readonly #keys: IdempotencyKeys;

  constructor(temporal: Client, options: StarterOptions) {
    this.#temporal = temporal;
    this.#options = options;
    this.#keys = new IdempotencyKeys(temporal, options.taskQueue, options.fingerprint);
  }

  validate(request: OnboardingRequestInput, options: StartOptions): ValidStart {
    const { contactKeys, fingerprint, publishChecksWithinMs } = this.#options;
    const decoded = decodeRequestOrThrow(request);
    const { callbacks, idempotencyKey, restart = false, rejectIfDifferent = false } = options;
    const reference = orThrow(referenceOf(options.reference ?? decoded, contactKeys));
    const workflowId = workflowIdOfReference(reference);
    const input = {
      request,
      contactKeys: contactKeys(decoded.contact),
      // Of the request as the caller sent it: the defaults may differ between versions.
      fingerprint: fingerprint(request),
      publishChecksWithinMs,
      ...(options.reference === undefined ? {} : { reference: options.reference }),
      ...(callbacks === undefined ? {} : { callbacks: orThrow(decodeCallbacks(callbacks, workflowId)) }),
    };
    const key = idempotencyKey === undefined ? {} : { idempotencyKey: decodeIdempotencyKey(idempotencyKey) };
    return { reference, workflowId, request: decoded, input, restart, rejectIfDifferent, ...key };
  }

  async start(start: ValidStart): Promise<StartedOnboarding> {
    const answer = await this.#updateWithStart({ ...start, restart: await this.#mayRestart(start) });
    // An onboarding that an older version started has no fingerprint, and counts as the same request.
    if (start.rejectIfDifferent && (answer.fingerprint ?? start.input.fingerprint) !== start.input.fingerprint)
      throw new OnboardingError(
        'RequestMismatch',
        'an onboarding with this reference was started with a different request',
      );
    return toStartedOnboarding(start.workflowId, answer);
  }

  async liveRegistration(workflowId: string): Promise<RegistrationAnswer> {
    const handle = this.#handle(workflowId);
    const snapshot = await query(handle, (onboarding) => onboarding.query(onboardingQuery));
    // A closed workflow would return the outcome of an earlier update: a token that is no longer valid.
    if (snapshot.phase === 'ended') throw new OnboardingError('AlreadyEnded', 'this onboarding has ended already');
    const updateId = tokenUpdateId(snapshot, Date.now());
    return update(() => handle.executeUpdate(registrationUpdate, { args: [{}], updateId }));
  }

  /**
   * Claims the idempotency key, and returns whether a new onboarding may start after the last one ended. A repeated
   * call must not start another one if the call before it did and that onboarding has ended since.
   */
  async #mayRestart({ idempotencyKey: key, reference, workflowId, input, restart }: ValidStart): Promise<boolean> {
    if (key === undefined) return restart;
    const content = { request: input.request, reference, restart };
    const firstClaimedAt = await this.#keys.claim({ key, reference, content });
    if (!restart || firstClaimedAt === undefined) return restart;
    const latest = await findRun(this.#temporal, { workflowId });
    return latest === undefined || latest.startTime < firstClaimedAt;
  }

  async #updateWithStart({ workflowId, request, input, restart }: ValidStart): Promise<RegistrationAnswer> {
    const { taskQueue } = this.#options;
    const requestId = randomUUID();
    const send = (updateId: string) =>
      update(() =>
        this.#temporal.workflow.executeUpdateWithStart(registrationUpdate, {
          startWorkflowOperation: startOperation({ workflowId, taskQueue, request, input, restart }),
          updateId,
          args: [{ requestId }],
        }),
      );
    // The server limits the updates of a workflow, so all starts share one update id.
    const first = await send('start').catch((error: unknown) => {
      if (isOutcomeOfAnotherRequest(error, requestId)) return undefined;
      throw error;
    });
    if (first?.requestId === requestId) return first;
    // This is the outcome of an earlier start: the onboarding is still running, or has ended and may be started again.
    const { status } = await this.#handle(workflowId).describe();
    return status.name === 'RUNNING' ? this.liveRegistration(workflowId) : send(`start-${requestId}`);
  }

  #handle(workflowId: string) {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
