import type { ClientInterceptors } from '@temporalio/client';
import * as t from 'io-ts';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { closed, guarded, refined, wholeNumber } from '../shared/decoding.js';
import { DAY_MS } from '../shared/time.js';
import { readArgument, Timeout } from './arguments.js';
import { type EncryptionOptions, KeyProviderCodec } from './encryption.js';

export interface BatchClientOptions {
  /** The task queue of the workers. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** The default timeout of calls, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface OnboardingClientOptions extends BatchClientOptions {
  /**
   * The secret of the contact keys (keyed hashes of email and phone). At least 16 characters, and the same in every
   * client.
   */
  readonly contactKey: string;
  /**
   * How long search attributes may show a check as pending after a report that it has passed, in ms: from 0 to one day.
   * Each publication is a history event and a billable action. Default 5 minutes.
   */
  readonly publishChecksWithinMs?: number;
}

export interface TemporalOptions extends Pick<EncryptionOptions, 'keyProvider'> {
  /** Interceptors of the Temporal client, such as the one of Temporal's library for OpenTelemetry. Default: none. */
  readonly interceptors?: ClientInterceptors;
}

export interface ConnectOptions extends OnboardingClientOptions, TemporalOptions {}

export interface ConnectBatchOptions extends BatchClientOptions, TemporalOptions {}

const BATCH_PROPS = {
  taskQueue: refined(t.string, 'a name of 1 to 200 characters', (name) => name.trim() !== '' && name.length <= 200),
  timeoutMs: Timeout,
};

const TEMPORAL_PROPS = {
  keyProvider: KeyProviderCodec,
  interceptors: guarded('an object', (u): u is ClientInterceptors => t.UnknownRecord.is(u)),
};

const Secrets = t.type({
  contactKey: refined(t.string, 'a secret of at least 16 characters', (key) => key.length >= 16),
});

const ONBOARDING_PROPS = { publishChecksWithinMs: wholeNumber(0, DAY_MS), ...BATCH_PROPS };

const OnboardingFields = closed(t.intersection([Secrets, t.partial(ONBOARDING_PROPS)]));

export const BatchClientFields = closed(t.partial(BATCH_PROPS));

/** The options of a connection. docs/client.md has their limits. */
export const ConnectFields = closed(t.intersection([Secrets, t.partial({ ...ONBOARDING_PROPS, ...TEMPORAL_PROPS })]));

export const ConnectBatchFields = closed(t.partial({ ...BATCH_PROPS, ...TEMPORAL_PROPS }));

/** Returns the options of onboardings with their defaults. @throws OnboardingError `InvalidRequest` if one is wrong. */
export const readOptions = (given: OnboardingClientOptions) => {
  const options = readArgument('options', OnboardingFields, given);
  return { ...options, publishChecksWithinMs: options.publishChecksWithinMs ?? PUBLISH_CHECKS_WITHIN_MS };
};
