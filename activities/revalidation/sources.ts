import type { BadLine } from '../../domain/revalidation/lines.js';
import type { Position, Walked } from '../../domain/revalidation/progress.js';
import type { BatchRequest, BatchSource } from '../../domain/revalidation/request.js';
import type { AppRegistrationListItem, AppRegistrationPage } from '../../verifik/index.js';
import { countIds, readSource } from './files/source-file.js';
import type { BatchStore } from './files/store.js';
import type { Vendor } from './vendor.js';

/** One registration of a source, and where the walk stands once it has been taken. */
export interface Sourced {
  readonly appRegistrationId: string;
  readonly after: Position;
  /** What the vendor's list told of it. */
  readonly listed?: AppRegistrationListItem;
}

/** A stretch of a source. */
export interface Stretch {
  readonly registrations: readonly Sourced[];
  readonly bad: readonly BadLine[];
  /** Where the walk stands when all of it has been taken: beyond the last one, where what follows is passed over. */
  readonly after: Position;
  /** How many there are, as far as that can be told. */
  readonly of: number;
}

/** As many as a page of the vendor's list holds, and a query of Temporal's visibility may name. */
const STRETCH = 100;

type ListSource = Extract<BatchSource, { kind: 'list' }>;

const within = (moment: number | undefined, after: number | undefined, before: number | undefined): boolean => {
  if (after === undefined && before === undefined) return true;
  return moment !== undefined && (after === undefined || moment >= after) && (before === undefined || moment < before);
};

/**
 * The vendor is asked by what does not change while the batch goes on, and the rest is left out here: a list by status would move up
 * under the walk when registrations leave it.
 */
const fits = (source: ListSource, item: AppRegistrationListItem): boolean =>
  (source.standings === undefined || source.standings.includes(item.standing)) &&
  within(item.createdAt, source.createdAfter, source.createdBefore) &&
  within(item.updatedAt, source.updatedAfter, source.updatedBefore);

async function* walkList(
  source: ListSource,
  { position }: Walked,
  { mode }: BatchRequest,
  vendor: Vendor,
): AsyncGenerator<Stretch> {
  const { project, projectFlow } = source;
  const query = { project, ...(projectFlow === undefined ? {} : { projectFlow }), populated: mode === 'reverify' };
  let { taken, page = 1, onPage = 0 } = position;
  for (;;) {
    const listed: AppRegistrationPage | undefined = await vendor.list({ ...query, page, limit: STRETCH });
    if (listed === undefined) return;
    const rest = listed.items.slice(onPage);
    const at = (index: number): Position => ({ taken: taken + index + 1, page, onPage: onPage + index + 1 });
    const registrations = rest.flatMap((item, index) =>
      fits(source, item) ? [{ appRegistrationId: item.appRegistrationId, after: at(index), listed: item }] : [],
    );
    taken += rest.length;
    page += 1;
    onPage = 0;
    yield { registrations, bad: [], after: { taken, page, onPage }, of: Math.max(listed.total, taken) };
    if (page > listed.pages) return;
  }
}

async function* walkIds(ids: readonly string[], { position }: Walked): AsyncGenerator<Stretch> {
  for (let from = position.taken; from < ids.length; from += STRETCH) {
    const registrations = ids
      .slice(from, from + STRETCH)
      .map((appRegistrationId, index) => ({ appRegistrationId, after: { taken: from + index + 1 } }));
    yield { registrations, bad: [], after: { taken: from + registrations.length }, of: ids.length };
  }
}

async function* walkFile(
  store: BatchStore,
  batch: string,
  format: 'csv' | 'ndjson',
  { position, of: known }: Walked,
): AsyncGenerator<Stretch> {
  const of = known ?? (await countIds(store, batch, format)).ids;
  const { byte = 0, line = 0 } = position;
  let { taken } = position;
  let registrations: Sourced[] = [];
  let bad: BadLine[] = [];
  let after: Position = position;
  const stretch = (): Stretch => ({ registrations, bad, after, of });
  for await (const read of readSource(store, batch, format, { byte, line })) {
    if (read.kind === 'id') taken += 1;
    after = { taken, byte: read.nextByte, line: read.line };
    if (read.kind === 'id') registrations.push({ appRegistrationId: read.appRegistrationId, after });
    else bad.push({ line: read.line, expected: read.expected });
    if (registrations.length === STRETCH || bad.length === STRETCH) {
      yield stretch();
      [registrations, bad] = [[], []];
    }
  }
  if (registrations.length > 0 || bad.length > 0) yield stretch();
}

/** The source from a position on, in stretches. */
export const walkSource = (
  { batch, request, from }: { readonly batch: string; readonly request: BatchRequest; readonly from: Walked },
  { vendor, store }: { readonly vendor: Vendor; readonly store: BatchStore },
): AsyncGenerator<Stretch> => {
  const { source } = request;
  switch (source.kind) {
    case 'list':
      return walkList(source, from, request, vendor);
    case 'ids':
      return walkIds(source.ids, from);
    case 'file':
      return walkFile(store, batch, source.format, from);
  }
};
