import { type Client, isGrpcServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw, rethrowKnownErrorTypes } from '@temporalio/client/lib/helpers.js';
import * as t from 'io-ts';
import pMap from 'p-map';
import { withoutMemos } from '../../codec/memos.js';
import { closed, wholeNumber } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { CALL_PROPS, readArgument } from '../arguments.js';
import { unlessNotFound } from '../calls/runs.js';
import { stopOf } from '../close-status.js';
import type { Fingerprint } from '../fingerprints.js';
import { cursorsOf } from './cursors.js';
import { type ListedOnboarding, ListFields, type ListFilter, toListedOnboarding, visibilityQuery } from './list.js';
import { searchStuck } from './stuck.js';

export const MAX_PAGE = 1_000;
export const DEFAULT_PAGE_SIZE = 50;

const READ_AT_ONCE = 8;

export interface PageOptions {
  /** The maximum number of items: 1 to 1000. Default 50. */
  readonly limit?: number;
  /** The cursor of the previous page. */
  readonly cursor?: string;
}

export interface ListPage {
  readonly onboardings: readonly ListedOnboarding[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

export const PageFields = closed(t.partial({ ...CALL_PROPS, limit: wholeNumber(1, MAX_PAGE), cursor: t.string }));

/** A run that failed costs another call. It may be deleted before that. */
const listed = async (temporal: Client, info: WorkflowExecutionInfo): Promise<ListedOnboarding> =>
  toListedOnboarding(info, await unlessNotFound(stopOf(temporal, info)));

const readPage = async (
  temporal: Client,
  fingerprint: Fingerprint,
  given: ListFilter,
  { cursor, limit = DEFAULT_PAGE_SIZE }: PageOptions,
): Promise<ListPage> => {
  const filter = readArgument('filter', ListFields, given);
  const { workflowService } = temporal;
  const { namespace, loadedDataConverter } = temporal.options;
  const search = filter.stuck === true ? await searchStuck({ workflowService, namespace }) : undefined;
  const query = visibilityQuery(filter, search?.condition);
  const cursors = cursorsOf(fingerprint, query);
  const { executions, nextPageToken } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: limit,
    nextPageToken: cursor === undefined ? new Uint8Array() : cursors.read(cursor),
  });
  const found = search?.pick === undefined ? executions : await search.pick(executions);
  const converter = withoutMemos(loadedDataConverter);
  const infos = await Promise.all(found.map((raw) => executionInfoFromRaw(raw, converter, raw, namespace)));
  const next = nextPageToken.length === 0 ? undefined : cursors.write(nextPageToken);
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
