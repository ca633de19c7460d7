import { timingSafeEqual } from 'node:crypto';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { executionInfoFromRaw, rethrowKnownErrorTypes } from '@temporalio/client/lib/helpers.js';
import * as E from 'fp-ts/lib/Either.js';
import { decodeFields, wholeNumber } from '../shared/decoding.js';
import { OnboardingError, orThrow } from './errors.js';
import type { Fingerprint } from './fingerprint.js';
import { type ListedOnboarding, type ListFilter, listed, visibilityQuery } from './listing.js';
import { searchStuck } from './stuck.js';

/** The largest page, in onboardings. */
export const MAX_PAGE = 1_000;

export interface PageOptions {
  /** How many onboardings at most: 1 to 1000. Default 50. */
  readonly limit?: number;
  /** What the page before this one ended with. */
  readonly cursor?: string;
}

/** One page of a list. */
export interface ListPage {
  readonly onboardings: readonly ListedOnboarding[];
  /** Absent where this is the last page. */
  readonly cursor?: string;
}

const Limit = wholeNumber(1, MAX_PAGE);

const readLimit = (limit: number): number =>
  orThrow(
    E.mapLeft(([error]: readonly { readonly expected: string }[]) => [
      { field: 'limit', expected: error?.expected ?? '' },
    ])(decodeFields(Limit)(limit)),
  );

/** Whether two texts are the same, without telling by the time it takes how much of them is. */
const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Where a list goes on: Temporal's own token, sealed to the query, so that it is good for no other list. */
class Cursors {
  readonly #seal: (token: string) => string;

  constructor(fingerprint: Fingerprint, query: string) {
    this.#seal = (token) => fingerprint({ query, token });
  }

  write(token: Uint8Array): string {
    const text = Buffer.from(token).toString('base64url');
    return `${this.#seal(text)}.${text}`;
  }

  read(cursor: string): Uint8Array {
    const [seal = '', token = ''] = cursor.split('.');
    if (isSame(seal, this.#seal(token))) return Buffer.from(token, 'base64url');
    const fields = [{ field: 'cursor', expected: 'what the same list ended its page before with' }];
    throw new OnboardingError('InvalidRequest', `cursor: expected ${fields[0]?.expected}`, { fields });
  }
}

const readPage = async (
  temporal: Client,
  fingerprint: Fingerprint,
  filter: ListFilter,
  { limit = 50, cursor }: PageOptions,
): Promise<ListPage> => {
  const { workflowService } = temporal;
  const { namespace, loadedDataConverter } = temporal.options;
  const search = filter.stuck === true ? await searchStuck({ workflowService, namespace }) : undefined;
  const query = visibilityQuery(filter, search?.condition);
  const cursors = new Cursors(fingerprint, query);
  const { executions, nextPageToken } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: readLimit(limit),
    nextPageToken: cursor === undefined ? new Uint8Array() : cursors.read(cursor),
  });
  const chosen = search === undefined ? executions : await search.pick(executions);
  const infos = await Promise.all(chosen.map((raw) => executionInfoFromRaw(raw, loadedDataConverter, raw, namespace)));
  return {
    onboardings: infos.map(listed),
    ...(nextPageToken.length === 0 ? {} : { cursor: cursors.write(nextPageToken) }),
  };
};

/** Throws the error that the SDK's own calls throw: the gRPC service has an unknown namespace as a message alone. */
const rethrow = (error: unknown): never => {
  if (isGrpcServiceError(error)) rethrowKnownErrorTypes(error);
  throw error;
};

/**
 * One page of the onboardings that fit the filter, newest first. With `stuck`, a server that does not report problems pages
 * through all that run: a page may hold fewer onboardings than its limit, or none.
 */
export const listPage: typeof readPage = (...request) => readPage(...request).catch(rethrow);
