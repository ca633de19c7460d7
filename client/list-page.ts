import { timingSafeEqual } from 'node:crypto';
import { type Client, isGrpcServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw, rethrowKnownErrorTypes } from '@temporalio/client/lib/helpers.js';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import { decodeFields, wholeNumber } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { stopOf } from './close-status.js';
import { orThrow } from './errors.js';
import type { Fingerprint } from './fingerprints.js';
import { type ListedOnboarding, type ListFilter, toListedOnboarding, visibilityQuery } from './list.js';
import { unlessNotFound } from './runs.js';
import { searchStuck } from './stuck.js';

export const MAX_PAGE = 1_000;
export const DEFAULT_PAGE_SIZE = 50;

const READ_AT_ONCE = 8;

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

const LimitFields = t.type({ limit: wholeNumber(1, MAX_PAGE) });

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** A cursor is Temporal's page token, signed together with the query so that it is valid for no other list. */
type Sign = (token: string) => string;

const writeCursor = (sign: Sign, token: Uint8Array): string => {
  const text = Buffer.from(token).toString('base64url');
  return `${sign(text)}.${text}`;
};

const readCursor = (sign: Sign, cursor: string): Uint8Array => {
  const [signature = '', token = ''] = cursor.split('.');
  if (isEqual(signature, sign(token))) return Buffer.from(token, 'base64url');
  return orThrow(E.left([{ field: 'cursor', expected: 'the cursor of the previous page of the same list' }]));
};

/** A run that failed costs another call. It may be deleted before that. */
const listed = async (temporal: Client, info: WorkflowExecutionInfo): Promise<ListedOnboarding> =>
  toListedOnboarding(info, await unlessNotFound(stopOf(temporal, info)));

const readPage = async (
  temporal: Client,
  fingerprint: Fingerprint,
  filter: ListFilter,
  { limit = DEFAULT_PAGE_SIZE, cursor }: PageOptions,
): Promise<ListPage> => {
  const { workflowService } = temporal;
  const { namespace, loadedDataConverter } = temporal.options;
  const search = filter.stuck === true ? await searchStuck({ workflowService, namespace }) : undefined;
  const query = visibilityQuery(filter, search?.condition);
  const sign: Sign = (token) => fingerprint({ query, token });
  const { executions, nextPageToken } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: orThrow(decodeFields(LimitFields)({ limit })).limit,
    nextPageToken: cursor === undefined ? new Uint8Array() : readCursor(sign, cursor),
  });
  const found = search?.pick === undefined ? executions : await search.pick(executions);
  const infos = await Promise.all(found.map((raw) => executionInfoFromRaw(raw, loadedDataConverter, raw, namespace)));
  const next = nextPageToken.length === 0 ? undefined : writeCursor(sign, nextPageToken);
  const onboardings = await pMap(infos, (info) => listed(temporal, info), { concurrency: READ_AT_ONCE });
  return defined({ onboardings, cursor: next });
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
