import { isUtf8 } from 'node:buffer';
import type { BatchRequest } from '../../../domain/revalidation/request.js';
import { FILE_START, type FilePosition, type PhysicalLine, physicalLines } from './physical-lines.js';
import { csvLine, headerOf, ndjsonLine, type ReadLine } from './source-line.js';
import type { BatchStore } from './store.js';

export type SourceFormat = Extract<BatchRequest['source'], { readonly kind: 'file' }>['format'];

/**
 * A line of the file. `nextByte` and `line` are the position after it. `expected` never contains the line's content.
 */
export type SourceItem =
  | { readonly kind: 'id'; readonly appRegistrationId: string; readonly line: number; readonly nextByte: number }
  | { readonly kind: 'bad'; readonly expected: string; readonly line: number; readonly nextByte: number };

/** The number of ids in a file, including repeated ones, and of its bad lines. */
export interface SourceCount {
  readonly ids: number;
  readonly badLines: number;
}

export const MAX_LINE_BYTES = 65_536;

type Text = { readonly text: string } | { readonly expected: string };

const textOf = ({ bytes }: PhysicalLine): Text => {
  if (bytes === undefined) return { expected: `a line of at most ${MAX_LINE_BYTES} bytes` };
  if (!isUtf8(bytes)) return { expected: 'UTF-8' };
  // `trim` also removes a byte order mark.
  return { text: bytes.toString('utf8').trim() };
};

type Source = Pick<BatchStore, 'openSource'>;

/** Reads the header from the first line that is not blank, regardless of the position from which the file is read. */
const readCsv = async (
  store: Source,
  batch: string,
): Promise<{ readonly read: ReadLine; readonly header?: number }> => {
  for await (const line of physicalLines(store.openSource(batch, 0), MAX_LINE_BYTES)) {
    const text = textOf(line);
    if ('text' in text && text.text === '') continue;
    const header = 'text' in text ? headerOf(text.text) : undefined;
    return header === undefined ? { read: csvLine() } : { read: csvLine(header), header: line.line };
  }
  return { read: csvLine() };
};

/**
 * Streams the ids and the bad lines of a batch's file in order, starting at a position. Skips blank lines. Each line is
 * parsed separately, so that a quoted CSV cell with a line feed makes a bad line.
 *
 * @throws BatchStoreError
 */
export async function* readSource(
  store: Source,
  batch: string,
  format: SourceFormat,
  from: FilePosition = FILE_START,
): AsyncGenerator<SourceItem, void, undefined> {
  const { read, header } = format === 'csv' ? await readCsv(store, batch) : { read: ndjsonLine, header: undefined };
  for await (const physical of physicalLines(store.openSource(batch, from.byte), MAX_LINE_BYTES, from)) {
    const { line, nextByte } = physical;
    if (line === header) continue;
    const text = textOf(physical);
    const item = 'text' in text ? read(text.text) : { kind: 'bad' as const, expected: text.expected };
    if (item.kind !== 'blank') yield { ...item, line, nextByte };
  }
}

/** Counts the ids and the bad lines of a file. @throws BatchStoreError */
export const countIds = async (store: Source, batch: string, format: SourceFormat): Promise<SourceCount> => {
  let ids = 0;
  let badLines = 0;
  for await (const { kind } of readSource(store, batch, format)) {
    if (kind === 'id') ids += 1;
    else badLines += 1;
  }
  return { ids, badLines };
};
