import { timingSafeEqual } from 'node:crypto';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { executionInfoFromRaw, rethrowKnownErrorTypes } from '@temporalio/client/lib/helpers.js';
import * as E from 'fp-ts/lib/Either.js';
import { decodeFields, wholeNumber } from '../shared/decoding.js';
import { OnboardingError, orThrow } from './errors.js';
import { inField } from './field-errors.js';
import type { Fingerprint } from './fingerprint.js';
import { type ListedOnboarding, type ListFilter, toListedOnboarding, visibilityQuery } from './list.js';
import { searchStuck } from './stuck.js';

export const MAX_PAGE = 1_000;

export interface PageOptions {
  /** The maximum number of onboardings: 1 to 1000. Default 50. */
  readonly limit?: number;
  /** The cursor of the previous page. */
  readonly cursor?: string;
}

export interface ListPage {
  readonly onboardings: readonly ListedOnboarding[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

const Limit = wholeNumber(1, MAX_PAGE);

const readLimit = (limit: number): number => orThrow(E.mapLeft(inField('limit'))(decodeFields(Limit)(limit)));

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/**
 * The cursors of a list: Temporal's page tokens, signed together with the query so that they are valid for no other
 * list.
 */
class Cursors {
  readonly #sign: (token: string) => string;

  constructor(fingerprint: Fingerprint, query: string) {
    this.#sign = (token) => fingerprint({ query, token });
  }

  write(token: Uint8Array): string {
    const text = Buffer.from(token).toString('base64url');
    return `${this.#sign(text)}.${text}`;
  }

  read(cursor: string): Uint8Array {
    const [signature = '', token = ''] = cursor.split('.');
    if (isEqual(signature, this.#sign(token))) return Buffer.from(token, 'base64url');
    const fields = [{ field: 'cursor', expected: 'the cursor of the previous page of the same list' }];
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
  const matching = search === undefined ? executions : await search.pick(executions);
  const infos = await Promise.all(
    matching.map((raw) => executionInfoFromRaw(raw, loadedDataConverter, raw, namespace)),
  );
  return {
    onboardings: infos.map(toListedOnboarding),
    ...(nextPageToken.length === 0 ? {} : { cursor: cursors.write(nextPageToken) }),
  };
};

/** Converts errors as the SDK's own calls do: the gRPC error of an unknown namespace has no type. */
const rethrow = (error: unknown): never => {
  if (isGrpcServiceError(error)) rethrowKnownErrorTypes(error);
  throw error;
};

/**
 * Lists one page of the onboardings that match the filter, newest first. With `stuck`, on a server that does not report
 * problems, a page is filtered after it is read, and may hold fewer onboardings than its limit, or none.
 */
export const listPage: typeof readPage = (...request) => readPage(...request).catch(rethrow);
