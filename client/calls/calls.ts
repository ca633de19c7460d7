import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import { EncryptionCodec } from '../../codec/encryption-codec.js';
import { DEFAULT_TASK_QUEUE } from '../../contract/messages.js';
import { guarded } from '../../shared/decoding.js';
import { timeLimit } from '../../shared/time-limit.js';
import { CallFields, type CallOptions, Id, readArgument, WaitFields, type WaitOptions } from '../arguments.js';
import { OnboardingError, withOnboardingErrors } from '../errors.js';
import { BatchClientFields, type BatchClientOptions } from '../options.js';
import { withDeadline } from './deadlines.js';
import { unlessNotFound } from './runs.js';
import { untilClosed } from './until-closed.js';

export const DEFAULT_TIMEOUT_MS = 30_000;

const isTemporalClient = t.type({
  options: t.type({ loadedDataConverter: t.type({ payloadCodecs: t.UnknownArray }) }),
}).is;

const TemporalClient = guarded('a Client of @temporalio/client', isTemporalClient);

/** Limits of a call that differ from those of most calls. */
export interface CallRules {
  /** The codec of the options. */
  readonly fields?: t.Decoder<unknown, CallOptions>;
  /** The default timeout. */
  readonly defaultMs?: number;
}

/** The Temporal client of a client, its task queue, and the deadline of its calls. */
export class Calls {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly #timeoutMs: number;

  /**
   * @throws OnboardingError `InvalidRequest` if an option is wrong; `EncryptionKeys` if the Temporal client would send
   * payloads unencrypted.
   */
  constructor(temporal: Client, options: BatchClientOptions) {
    const { taskQueue, timeoutMs } = readArgument('options', BatchClientFields, options);
    readArgument('temporal', TemporalClient, temporal);
    const message = 'dataConverter of the Temporal client: expected onboardingDataConverter()';
    if (!temporal.options.loadedDataConverter.payloadCodecs.some((codec) => codec instanceof EncryptionCodec))
      throw new OnboardingError('EncryptionKeys', message);
    this.temporal = temporal;
    this.taskQueue = taskQueue ?? DEFAULT_TASK_QUEUE;
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Checks the options and makes a call with a deadline, `timeoutMs` from now or the default. Throws only
   * `OnboardingError`.
   */
  within<A>(
    options: CallOptions,
    call: () => Promise<A>,
    { fields = CallFields, defaultMs = this.#timeoutMs }: CallRules = {},
  ): Promise<A> {
    return withOnboardingErrors(async () => {
      const { timeoutMs = defaultMs } = readArgument('options', fields, options);
      return withDeadline(this.temporal, Date.now() + timeoutMs, call);
    });
  }

  /**
   * Waits until a workflow has closed, and makes the call that reads its result: without options, without limit. Throws
   * only `OnboardingError`.
   */
  async afterEnd<A>(workflowId: string, options: WaitOptions, result: () => Promise<A>): Promise<A> {
    readArgument('workflowId', Id, workflowId);
    const { timeoutMs, signal } = readArgument('options', WaitFields, options);
    if (timeoutMs === undefined && signal === undefined) return withOnboardingErrors(result);
    const limit = timeLimit(timeoutMs ?? Number.POSITIVE_INFINITY, ...(signal === undefined ? [] : [signal]));
    try {
      await withOnboardingErrors(() => unlessNotFound(untilClosed(this.temporal, workflowId, limit.signal)));
      return await this.within({}, result);
    } finally {
      limit.clear();
    }
  }
}
