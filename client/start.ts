import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import {
  type FailureType,
  type Fingerprints,
  type LiveRegistration,
  type OnboardingAnswer,
  onboardingQuery,
  type RegistrationAnswer,
  registrationUpdate,
} from '../contract/messages.js';
import type { OnboardingWorkflow } from '../contract/start-options.js';
import { workflowIdOfReference } from '../contract/workflow-id.js';
import { referenceBeside } from '../domain/contact.js';
import { Reference } from '../domain/ids.js';
import { TOKEN_MARGIN_MS } from '../domain/policy/policy.js';
import { decodeSpelling, type OnboardingRequestInput, withDefaultPolicy } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { closed, matching } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { argumentOrThrow, ONCE_PROPS, type OnceOptions } from './arguments.js';
import type { Calls } from './calls/calls.js';
import { query } from './calls/queries.js';
import { isRejectedAs, update } from './calls/retries.js';
import { findRun, whileRunning } from './calls/runs.js';
import { referenceOf } from './customer.js';
import { isOutcomeOfAnotherRequest, OnboardingError, orThrow, toOnboardingError } from './errors.js';
import { CallbacksFields, type CallbacksInput } from './events.js';
import { type Fingerprint, fingerprintsOf, requireSameRequest } from './fingerprints.js';
import { claimKey } from './idempotency.js';
import { type OperationInput, startOperation } from './start-operation.js';

export interface StartOptions extends OnceOptions {
  /** Your own opaque reference for the customer. A customer has one onboarding at a time. Never personal data. */
  readonly reference?: string;
  /** Starts another onboarding if the customer's earlier one has ended. Without it, the call throws `AlreadyEnded`. */
  readonly restart?: boolean;
  /** The endpoint that receives the onboarding's events. Default: none. */
  readonly callbacks?: CallbacksInput;
  /** Throws `RequestMismatch` if the onboarding was started with a different request, instead of returning it. */
  readonly rejectIfDifferent?: true;
  /** Your own key for this start, 1 to 255 characters. Throws `RequestMismatch` if used for a different start. */
  readonly idempotencyKey?: string;
  /**
   * The group of onboardings, such as a tenant, among which Temporal divides the workers equally while tasks wait: 1 to
   * 64 letters, digits and . _ -. Shown unencrypted. Default: the project.
   */
  readonly fairnessKey?: string;
  /** How long to wait for the token, in ms. The onboarding continues after a timeout. */
  readonly timeoutMs?: number;
}

/** An onboarding with a live token for the applicant's device. `token` and `link` are secrets of the applicant. */
export interface StartedOnboarding extends LiveRegistration {
  readonly workflowId: string;
}

export const toStartedOnboarding = (
  workflowId: string,
  { appRegistrationId, token, link, expiresAt, generation }: LiveRegistration,
): StartedOnboarding => ({ workflowId, appRegistrationId, token, expiresAt, generation, ...defined({ link }) });

export interface StartContext {
  readonly calls: Calls;
  readonly contactKeys: ContactKeys;
  readonly fingerprint: Fingerprint;
  /** How long the published checks may lag behind, in ms. */
  readonly publishChecksWithinMs: number;
}

interface ValidStart extends OperationInput {
  readonly reference: string;
  readonly fingerprints: Fingerprints;
  readonly idempotencyKey?: string;
}

export const StartFields = closed(
  t.partial({
    ...ONCE_PROPS,
    reference: Reference,
    restart: t.boolean,
    callbacks: CallbacksFields,
    rejectIfDifferent: t.boolean,
    fairnessKey: matching(/^[\w.-]{1,64}$/, '1 to 64 letters, digits and . _ -'),
  }),
);

const validStart = (context: StartContext, input: OnboardingRequestInput, options: StartOptions): ValidStart => {
  const { contactKeys, publishChecksWithinMs } = context;
  const { callbacks, idempotencyKey, restart = false } = options;
  // The defaults may differ between versions, so the workflow and the fingerprint get the request without them.
  const asked = argumentOrThrow('request', decodeSpelling(input));
  const request = orThrow(withDefaultPolicy(asked));
  const reference = orThrow(referenceBeside(asked.contact, referenceOf(options.reference ?? request, contactKeys)));
  const workflowId = workflowIdOfReference(reference);
  const fingerprints = fingerprintsOf(context.fingerprint, asked);
  return {
    ...{ reference, workflowId, request, fingerprints, restart },
    fairnessKey: options.fairnessKey ?? request.project,
    input: defined({
      request: asked,
      contactKeys: contactKeys(request.contact),
      fingerprints,
      publishChecksWithinMs,
      reference: options.reference,
      callbacks: callbacks && { endpoint: callbacks.endpoint, id: callbacks.id ?? workflowId },
    }),
    ...defined({ idempotencyKey }),
  };
};

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

/** Requests a live token for a running onboarding. */
export const liveRegistration = async (temporal: Client, workflowId: string): Promise<RegistrationAnswer> => {
  const handle = temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  const snapshot = await query(handle, (onboarding) => onboarding.query(onboardingQuery));
  // A closed workflow would return the outcome of an earlier update: a token that is no longer valid.
  if (snapshot.phase === 'ended') throw new OnboardingError('AlreadyEnded', 'this onboarding has ended already');
  const updateId = tokenUpdateId(snapshot, Date.now());
  return whileRunning(handle, 'onboarding', () =>
    update(() => handle.executeUpdate(registrationUpdate, { args: [{}], updateId })),
  );
};

/**
 * Claims the idempotency key, and returns whether a new onboarding may start after the last one ended. A repeated call
 * must not start another one if the call before it did and that onboarding has ended since.
 */
const mayRestart = async ({ calls, fingerprint }: StartContext, start: ValidStart): Promise<boolean> => {
  const { idempotencyKey: key, reference, workflowId, input, restart } = start;
  if (key === undefined) return restart;
  const content = { ...input.request, reference, restart };
  const firstClaimedAt = await claimKey(calls, fingerprint, { key, reference, content });
  if (!restart || firstClaimedAt === undefined) return restart;
  const latest = await findRun(calls.temporal, { workflowId });
  return latest === undefined || latest.startTime < firstClaimedAt;
};

const updateWithStart = async ({ temporal, taskQueue }: Calls, start: OperationInput): Promise<RegistrationAnswer> => {
  const requestId = randomUUID();
  const send = (updateId: string) =>
    update(
      () =>
        temporal.workflow.executeUpdateWithStart(registrationUpdate, {
          startWorkflowOperation: startOperation(start, taskQueue),
          updateId,
          args: [{ requestId }],
        }),
      // The one that has ended closes soon, once its last events are handed over.
      (error) => start.restart && isRejectedAs('AlreadyEnded' satisfies FailureType, error),
    );
  // The server limits the updates of a workflow, so all starts share one update id.
  const first = await send('start').catch((error: unknown) => {
    if (isOutcomeOfAnotherRequest(error, requestId)) return undefined;
    throw error;
  });
  if (first?.requestId === requestId) return first;
  // This is the outcome of an earlier start: the onboarding is still running, or has ended and may be started again.
  const describe = () => temporal.workflow.getHandle(start.workflowId).describe();
  const { status, runId } = await describe();
  if (status.name === 'RUNNING')
    try {
      return await liveRegistration(temporal, start.workflowId);
    } catch (error) {
      // It is about to close, or it has closed, and another start may have begun the next one.
      const now = await describe();
      const isSame = now.status.name === 'RUNNING' && now.runId === runId;
      if (isSame && toOnboardingError(error).type !== 'AlreadyEnded') throw error;
    }
  return send(`start-${requestId}`);
};

/** Starts an onboarding, or finds the running one, and returns its live token. */
export const startOnboarding = async (
  context: StartContext,
  request: OnboardingRequestInput,
  options: StartOptions,
): Promise<StartedOnboarding> => {
  const start = validStart(context, request, options);
  const answer = await updateWithStart(context.calls, { ...start, restart: await mayRestart(context, start) });
  // An onboarding that an older version started has no fingerprints, and counts as the same request.
  if (options.rejectIfDifferent && answer.fingerprints !== undefined)
    requireSameRequest('an onboarding with this reference was started', answer.fingerprints, start.fingerprints);
  return toStartedOnboarding(start.workflowId, answer);
};
