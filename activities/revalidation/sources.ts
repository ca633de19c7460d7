import type { ScanInput } from '../../contract/revalidation-activities.js';
import type { BadLine } from '../../domain/revalidation/lines.js';
import type { Position, ScanProgress } from '../../domain/revalidation/progress.js';
import type { BatchRequest, BatchSource } from '../../domain/revalidation/request.js';
import type { AppRegistrationListItem, AppRegistrationPage } from '../../verifik/index.js';
import { pagesOfDue, type Visibility } from './due-onboardings.js';
import { readIds, repeatedIds, surveyIds } from './files/source-file.js';
import type { BatchStore } from './files/store.js';
import type { SourceEntry, SourcePage } from './source-page.js';
import type { Vendor } from './vendor.js';

/** The size of the vendor's pages, and the number of ids that a visibility query may contain. */
const PAGE_SIZE = 100;

type ListSource = Extract<BatchSource, { kind: 'list' }>;
type IdsSource = Extract<BatchSource, { kind: 'ids' }>;
type FileSource = Extract<BatchSource, { kind: 'file' }>;

const isWithin = (time: number | undefined, after: number | undefined, before: number | undefined): boolean => {
  if (after === undefined && before === undefined) return true;
  return time !== undefined && (after === undefined || time >= after) && (before === undefined || time < before);
};

/**
 * Applies the filters that the vendor must not apply: registrations whose status changes would leave a filtered list,
 * and the entries behind them would move to pages that the scan has already read.
 */
const isSelected = (source: ListSource, item: AppRegistrationListItem): boolean =>
  (source.statuses === undefined || source.statuses.includes(item.status)) &&
  isWithin(item.createdAt, source.createdAfter, source.createdBefore) &&
  isWithin(item.updatedAt, source.updatedAfter, source.updatedBefore);

async function* pagesOfList(
  source: ListSource,
  { position }: ScanProgress,
  { mode }: BatchRequest,
  vendor: Vendor,
): AsyncGenerator<SourcePage> {
  const { project, projectFlow } = source;
  const query = { project, ...(projectFlow === undefined ? {} : { projectFlow }), populated: mode === 'reverify' };
  let { taken, page = 1, onPage = 0 } = position;
  for (;;) {
    const listed: AppRegistrationPage | undefined = await vendor.list({ ...query, page, limit: PAGE_SIZE });
    if (listed === undefined) return;
    const rest = listed.items.slice(onPage);
    const at = (index: number): Position => ({ taken: taken + index + 1, page, onPage: onPage + index + 1 });
    const entries = rest.flatMap((item, index) =>
      isSelected(source, item)
        ? [{ appRegistrationId: item.appRegistrationId, project, after: at(index), listed: item }]
        : [],
    );
    taken += rest.length;
    page += 1;
    onPage = 0;
    yield { entries, bad: [], after: { taken, page, onPage }, of: Math.max(listed.total, taken) };
    if (page > listed.pages) return;
  }
}

async function* pagesOfIds({ ids, project }: IdsSource, { position }: ScanProgress): AsyncGenerator<SourcePage> {
  const isRepeatedId = repeatedIds();
  const all = ids.map((appRegistrationId, index) => ({
    ...{ appRegistrationId, project, after: { taken: index + 1 } },
    isRepeated: isRepeatedId(appRegistrationId),
  }));
  for (let from = position.taken; from < ids.length; from += PAGE_SIZE) {
    const entries = all.slice(from, from + PAGE_SIZE);
    yield { entries, bad: [], after: { taken: from + entries.length }, of: ids.length };
  }
}

async function* pagesOfFile(
  store: BatchStore,
  batch: string,
  { format, project }: FileSource,
  { position, of: known }: ScanProgress,
): AsyncGenerator<SourcePage> {
  const open = () => store.openSource(batch);
  const of = known ?? (await surveyIds(open, format)).ids;
  const { line = 0 } = position;
  let { taken } = position;
  let entries: SourceEntry[] = [];
  let bad: BadLine[] = [];
  let after: Position = position;
  const isRepeatedId = repeatedIds();
  const page = (): SourcePage => ({ entries, bad, after, of });
  for await (const item of readIds(open, format)) {
    // Also the ids before the position, which later ones can repeat.
    const isRepeated = item.kind === 'id' && isRepeatedId(item.appRegistrationId);
    if (item.line <= line) continue;
    if (item.kind === 'id') taken += 1;
    after = { taken, line: item.line };
    if (item.kind === 'id') entries.push({ appRegistrationId: item.appRegistrationId, project, after, isRepeated });
    else bad.push({ line: item.line, expected: item.expected });
    if (entries.length === PAGE_SIZE || bad.length === PAGE_SIZE) {
      yield page();
      [entries, bad] = [[], []];
    }
  }
  if (entries.length > 0 || bad.length > 0) yield page();
}

interface SourceReaders {
  readonly vendor: Vendor;
  readonly store: BatchStore;
  readonly visibility: Visibility;
}

/** Reads a source page by page, starting at a position. */
export const pagesOf = (
  { batch, request, from, startedAt = Date.now() }: Pick<ScanInput, 'batch' | 'request' | 'from' | 'startedAt'>,
  { vendor, store, visibility }: SourceReaders,
): AsyncGenerator<SourcePage> => {
  const { source } = request;
  switch (source.kind) {
    case 'list':
      return pagesOfList(source, from, request, vendor);
    case 'dueBefore': {
      const dueBefore = startedAt + source.withinMs;
      return pagesOfDue(source, { batch, position: from.position, dueBefore }, visibility);
    }
    case 'ids':
      return pagesOfIds(source, from);
    case 'file':
      return pagesOfFile(store, batch, source, from);
  }
};
