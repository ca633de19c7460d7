import { isUtf8 } from 'node:buffer';
import type { BatchRequest } from '../../../domain/revalidation/request.js';
import { FILE_START, type FilePosition, type PhysicalLine, physicalLines } from './physical-lines.js';
import { csvLine, headerOf, ndjsonLine, type ReadLine } from './source-line.js';
import type { BatchStore } from './store.js';

/** How a file of registrations is written. */
export type SourceFormat = Extract<BatchRequest['source'], { readonly kind: 'file' }>['format'];

/** What stands in a line of the file. `nextByte` and `line` are where to go on after it. `expected` never holds what stood there. */
export type SourceItem =
  | { readonly kind: 'id'; readonly appRegistrationId: string; readonly line: number; readonly nextByte: number }
  | { readonly kind: 'bad'; readonly expected: string; readonly line: number; readonly nextByte: number };

/** How many registrations a file has, as often as it names them, and how many lines of it are bad. */
export interface SourceCount {
  readonly ids: number;
  readonly badLines: number;
}

/** The longest line that is read, in bytes. */
export const MAX_LINE_BYTES = 65_536;

type Text = { readonly text: string } | { readonly expected: string };

const textOf = ({ bytes }: PhysicalLine): Text => {
  if (bytes === undefined) return { expected: `a line of at most ${MAX_LINE_BYTES} bytes` };
  if (!isUtf8(bytes)) return { expected: 'UTF-8' };
  // White space to JavaScript is a byte order mark as well.
  return { text: bytes.toString('utf8').trim() };
};

type Source = Pick<BatchStore, 'openSource'>;

/** The first line of the file that is not blank tells what the columns are: wherever the reading begins, it is looked at again. */
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
 * Reads the file of a batch from a position on, in flat memory: the registrations that it names and its bad lines, in order; blank
 * lines are passed over. Each line is taken by itself, so a quoted cell of CSV that goes on in the next line is a bad one.
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

/**
 * Counts what a file has, in flat memory.
 *
 * @throws BatchStoreError
 */
export const countIds = async (store: Source, batch: string, format: SourceFormat): Promise<SourceCount> => {
  let ids = 0;
  let badLines = 0;
  for await (const { kind } of readSource(store, batch, format)) {
    if (kind === 'id') ids += 1;
    else badLines += 1;
  }
  return { ids, badLines };
};
