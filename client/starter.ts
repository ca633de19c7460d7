import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import {
  type OnboardingInput,
  onboardingQuery,
  type RegistrationAnswer,
  registrationUpdate,
} from '../contract/messages.js';
import { decodeRequest, type OnboardingRequestInput } from '../domain/request.js';
import type { ContactKeys } from '../shared/contact-keys.js';
import { decodeFields, type FieldError } from '../shared/decoding.js';
import { ask, update } from './asking.js';
import { isAnotherRequests, OnboardingError, orThrow } from './errors.js';
import { decodeCallbacks } from './events.js';
import type { Fingerprint } from './fingerprint.js';
import { IdempotencyKey, IdempotencyKeys } from './idempotency-keys.js';
import { findRun } from './runs.js';
import {
  type OnboardingWorkflow,
  type StartedOnboarding,
  type StartOptions,
  started,
  startOperation,
} from './starting.js';
import { tokenRequestId } from './token-request.js';
import { referenceOf, workflowIdOfReference } from './workflow-id.js';

export interface StarterOptions {
  readonly taskQueue: string;
  readonly contactKeys: ContactKeys;
  readonly fingerprint: Fingerprint;
  /** How long what changes with every check may be behind, in ms. */
  readonly publishChecksWithinMs: number;
}

/** A start that has been read. */
interface Reading {
  readonly reference: string;
  readonly workflowId: string;
  readonly request: ReturnType<typeof readRequest>;
  readonly input: OnboardingInput & { readonly fingerprint: string };
  readonly again: boolean;
  readonly refuseOther: boolean;
  readonly idempotencyKey?: string;
}

const readRequest = (request: OnboardingRequestInput) => orThrow(decodeRequest(request));

/** Reads a key that a caller gave for what they ask. */
export const readIdempotencyKey = (key: string): string =>
  orThrow(
    E.mapLeft(([error]: readonly FieldError[]) => [
      { field: 'idempotencyKey', expected: error?.expected ?? IdempotencyKey.name },
    ])(decodeFields(IdempotencyKey)(key)),
  );

/** Starts onboardings, and gets live tokens for them. */
export class Starter {
  readonly #temporal: Client;
  readonly #options: StarterOptions;
  readonly #keys: IdempotencyKeys;

  constructor(temporal: Client, options: StarterOptions) {
    this.#temporal = temporal;
    this.#options = options;
    this.#keys = new IdempotencyKeys(temporal, options.taskQueue, options.fingerprint);
  }

  /** Reads what is to be started, before anything is asked of Temporal. */
  read(request: OnboardingRequestInput, options: StartOptions): Reading {
    const { contactKeys, fingerprint, publishChecksWithinMs } = this.#options;
    const read = readRequest(request);
    const { reference, callbacks, idempotencyKey, again = false, refuseOther = false } = options;
    const named = orThrow(referenceOf(reference ?? read, contactKeys));
    const workflowId = workflowIdOfReference(named);
    const input = {
      request,
      contactKeys: contactKeys(read.contact),
      // As it was asked for: defaults may change from version to version.
      fingerprint: fingerprint(request),
      publishChecksWithinMs,
      ...(reference === undefined ? {} : { reference }),
      ...(callbacks === undefined ? {} : { callbacks: orThrow(decodeCallbacks(callbacks, workflowId)) }),
    };
    const key = idempotencyKey === undefined ? {} : { idempotencyKey: readIdempotencyKey(idempotencyKey) };
    return { reference: named, workflowId, request: read, input, again, refuseOther, ...key };
  }

  async start(reading: Reading): Promise<StartedOnboarding> {
    const answer = await this.#ask({ ...reading, again: await this.#mayStartAgain(reading) });
    // Where there is none, the onboarding was started by a version that did not note it.
    if (reading.refuseOther && (answer.fingerprint ?? reading.input.fingerprint) !== reading.input.fingerprint)
      throw new OnboardingError('OtherRequest', 'the reference was started with another request');
    return started(reading.workflowId, answer);
  }

  /** A live token for a running onboarding. */
  async liveRegistration(workflowId: string): Promise<RegistrationAnswer> {
    const handle = this.#handle(workflowId);
    const standing = await ask(handle, (one) => one.query(onboardingQuery));
    // An ended workflow still answers with the outcomes of its former updates: with tokens that are worth nothing any more.
    if (standing.phase === 'ended') throw new OnboardingError('Ended', 'this onboarding has ended already');
    const updateId = tokenRequestId(standing, Date.now());
    return update(() => handle.executeUpdate(registrationUpdate, { args: [{}], updateId }));
  }

  /** Claims the key. What was started again under it is not started once more by a repetition that comes when it has ended. */
  async #mayStartAgain({ idempotencyKey: key, reference, workflowId, input, again }: Reading): Promise<boolean> {
    if (key === undefined) return again;
    const use = { request: input.request, reference, again };
    const usedBefore = await this.#keys.claim({ key, reference, use });
    if (!again || usedBefore === undefined) return again;
    const latest = await findRun(this.#temporal, { workflowId });
    return latest === undefined || latest.startTime < usedBefore;
  }

  async #ask({ workflowId, request, input, again }: Reading): Promise<RegistrationAnswer> {
    const { taskQueue } = this.#options;
    const requestId = randomUUID();
    const ask = (updateId: string) =>
      update(() =>
        this.#temporal.workflow.executeUpdateWithStart(registrationUpdate, {
          startWorkflowOperation: startOperation({ workflowId, taskQueue, request, input, again }),
          updateId,
          args: [{ requestId }],
        }),
      );
    // One update id for all who start: the server allows few updates at a time, and identical starts share one.
    const first = await ask('start').catch((error: unknown) => {
      if (isAnotherRequests(error, requestId)) return undefined;
      throw error;
    });
    if (first?.requestId === requestId) return first;
    // The outcome of an earlier start. The onboarding is running, or it is to be started anew if it may be.
    const { status } = await this.#handle(workflowId).describe();
    return status.name === 'RUNNING' ? this.liveRegistration(workflowId) : ask(`start-${requestId}`);
  }

  #handle(workflowId: string) {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
