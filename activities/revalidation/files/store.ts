import { createReadStream } from 'node:fs';
import { access, constants, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { BadLine, OutcomeLine, ReportLine } from '../../../domain/revalidation/lines.js';
import { decodeBatchId } from '../../../domain/revalidation/request.js';
import { describeFieldErrors } from '../../../shared/decoding.js';
import { type Chunks, createFolder, UNFINISHED, writeAtomically } from './atomic-file.js';
import { BatchStoreError, type FileKind, isAbsent, unreadable, unwritable } from './errors.js';
import { fromNdjson, lineOfNdjson } from './ndjson.js';
import { firstOfName, merged, type Segment, segmentName } from './segments.js';

/** The file names of a batch's reports. */
export const SUMMARY_NAMES = ['summary.json', 'summary.md', 'report.csv', 'report.html'] as const;

export type SummaryName = (typeof SUMMARY_NAMES)[number];

/**
 * The files of batches. Writes are atomic and idempotent, so that they can be repeated after a crash. At most one
 * segment is held in memory.
 *
 * Methods fail with a `BatchStoreError`. Errors of a given iterable are rethrown unchanged.
 */
export interface BatchStore {
  /** Writes or replaces the source file of a batch. */
  putSource(batch: string, content: Chunks): Promise<void>;
  openSource(batch: string): Readable;
  /** Creates the folder of a batch. Fails with `unavailable` if no files can be written there. */
  requireWritable(batch: string): Promise<void>;
  /** Deletes all files of an earlier execution of the batch, except the source file. */
  clear(batch: string): Promise<void>;
  /** Writes or replaces a segment of the report: lines in order of ordinal, from `firstOrdinal`. */
  writeLines(batch: string, firstOrdinal: number, lines: readonly ReportLine[]): Promise<void>;
  /** Writes or replaces a segment of the skipped lines of the source, from `firstLine`. */
  writeBadLines(batch: string, firstLine: number, lines: readonly BadLine[]): Promise<void>;
  /** Reads the lines of the report in order of ordinal. Where segments overlap, the line that was written last wins. */
  readLines(batch: string): AsyncIterable<ReportLine>;
  readBadLines(batch: string): AsyncIterable<BadLine>;
  /** Writes or replaces the list of the batch's onboardings. */
  writeOutcomes(batch: string, outcomes: AsyncIterable<OutcomeLine>): Promise<void>;
  readOutcomes(batch: string): AsyncIterable<OutcomeLine>;
  /** Writes or replaces a report. */
  write(batch: string, name: SummaryName, content: AsyncIterable<string> | string): Promise<void>;
  /** Opens a report. Fails with `absent` if it has not been written. */
  read(batch: string, name: SummaryName): Promise<Readable>;
  /** Returns the ids of the batches that have files. */
  list(): Promise<readonly string[]>;
}

const SOURCE = 'source';
const OUTCOMES = 'outcomes.ndjson';

/** A kind of items that are written in segments. */
interface SegmentKind<A> {
  readonly kind: FileKind;
  readonly folder: string;
  readonly codec: t.Decoder<unknown, A>;
  readonly numberOf: (item: A) => number;
}

const LINES: SegmentKind<ReportLine> = {
  kind: 'lines',
  folder: 'lines',
  codec: ReportLine,
  numberOf: ({ ordinal }) => ordinal,
};

const BAD_LINES: SegmentKind<BadLine> = {
  kind: 'badLines',
  folder: 'bad-lines',
  codec: BadLine,
  numberOf: ({ line }) => line,
};

async function* bytesOf(kind: FileKind, path: () => string): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of createReadStream(path())) yield chunk;
  } catch (error) {
    throw unreadable(kind, error);
  }
}

const readable = (bytes: AsyncIterable<Buffer>): Readable => Readable.from(bytes, { objectMode: false });

/** Returns the names in a folder, or none if the folder does not exist. */
const namesIn = async (kind: FileKind, folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).filter((name) => !name.endsWith(UNFINISHED)).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unreadable(kind, error);
  }
};

const statOf = async (kind: FileKind, path: string) => {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    throw unreadable(kind, error);
  }
};

/** True if a batch's folder contains a file. A crash may leave empty folders of segments. */
const hasAnything = async (folder: string): Promise<boolean> => {
  const folders = [LINES.folder, BAD_LINES.folder];
  const names = await namesIn('batch', folder);
  if (names.some((name) => !folders.includes(name))) return true;
  const segments = await Promise.all(folders.map((name) => namesIn('batch', join(folder, name))));
  return segments.flat().length > 0;
};

const readSegment = async <A>(
  { kind, codec }: SegmentKind<A>,
  path: string,
): Promise<Pick<Segment<A>, 'writtenAt' | 'items'>> => {
  const items: A[] = [];
  for await (const item of fromNdjson(
    kind,
    codec,
    bytesOf(kind, () => path),
  ))
    items.push(item);
  return { writtenAt: (await statOf(kind, path)).mtimeNs, items };
};

async function* segmentsIn<A>(
  segmentKind: SegmentKind<A>,
  folder: string,
): AsyncGenerator<Segment<A>, void, undefined> {
  for (const name of await namesIn(segmentKind.kind, folder)) {
    const first = firstOfName(name);
    if (first !== undefined) yield { first, ...(await readSegment(segmentKind, join(folder, name))) };
  }
}

const isAscending = <A>({ numberOf }: SegmentKind<A>, first: number, items: readonly A[]): boolean =>
  Number.isSafeInteger(first) &&
  first >= 1 &&
  items.every((item, index) => {
    const before = items[index - 1];
    return numberOf(item) >= first && (before === undefined || numberOf(item) > numberOf(before));
  });

/** Keeps the files of each batch in a subfolder, which is created on demand. */
export const folderBatchStore = (folder: string): BatchStore => {
  const pathOf = (batch: string, ...names: readonly string[]): string => {
    const id = decodeBatchId(batch);
    if (E.isLeft(id)) throw new BatchStoreError('wrong', 'batch', describeFieldErrors(id.left));
    return join(folder, id.right, ...names);
  };

  const writeSegment = async <A>(segmentKind: SegmentKind<A>, batch: string, first: number, items: readonly A[]) => {
    const { kind, folder: name } = segmentKind;
    const path = pathOf(batch, name, segmentName(first));
    if (!isAscending(segmentKind, first, items))
      throw new BatchStoreError('wrong', kind, 'numbers that ascend from the first');
    if (items.length > 0) await writeAtomically(kind, path, [items.map(lineOfNdjson).join('')]);
  };

  async function* readSegments<A>(segmentKind: SegmentKind<A>, batch: string): AsyncGenerator<A, void, undefined> {
    yield* merged(segmentsIn(segmentKind, pathOf(batch, segmentKind.folder)), segmentKind.numberOf);
  }

  return {
    putSource: async (batch, content) => writeAtomically('source', pathOf(batch, SOURCE), content),
    openSource: (batch) => readable(bytesOf('source', () => pathOf(batch, SOURCE))),
    requireWritable: async (batch) => {
      const path = pathOf(batch);
      try {
        await createFolder(path);
        await access(path, constants.W_OK);
      } catch (error) {
        throw unwritable('batch', error);
      }
    },
    clear: async (batch) => {
      const names = [LINES.folder, BAD_LINES.folder, OUTCOMES, ...SUMMARY_NAMES];
      const paths = names.map((name) => pathOf(batch, name));
      try {
        for (const path of paths) await rm(path, { recursive: true, force: true });
      } catch (error) {
        throw unwritable('batch', error);
      }
    },
    writeLines: (batch, firstOrdinal, lines) => writeSegment(LINES, batch, firstOrdinal, lines),
    writeBadLines: (batch, firstLine, lines) => writeSegment(BAD_LINES, batch, firstLine, lines),
    readLines: (batch) => readSegments(LINES, batch),
    readBadLines: (batch) => readSegments(BAD_LINES, batch),
    writeOutcomes: async (batch, outcomes) => {
      async function* text() {
        for await (const outcome of outcomes) yield lineOfNdjson(outcome);
      }
      await writeAtomically('outcomes', pathOf(batch, OUTCOMES), text());
    },
    readOutcomes: async function* (batch) {
      const path = pathOf(batch, OUTCOMES);
      if (!(await namesIn('outcomes', pathOf(batch))).includes(OUTCOMES)) return;
      yield* fromNdjson(
        'outcomes',
        OutcomeLine,
        bytesOf('outcomes', () => path),
      );
    },
    write: async (batch, name, content) =>
      writeAtomically(name, pathOf(batch, name), typeof content === 'string' ? [content] : content),
    read: async (batch, name) => {
      const path = pathOf(batch, name);
      await statOf(name, path);
      return readable(bytesOf(name, () => path));
    },
    list: async () => {
      const ids = (await namesIn('batch', folder)).filter((name) => E.isRight(decodeBatchId(name)));
      const filled = await Promise.all(ids.map((id) => hasAnything(join(folder, id))));
      return ids.filter((_, index) => filled[index]);
    },
  };
};
