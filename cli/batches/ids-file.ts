import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import type { SourceFormat, SourceSurvey } from '../../activities/revalidation/files/source-file.js';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import { expectedFile, fieldOfFile } from '../../shared/text-file.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { ifPresent, onStoreError } from './store.js';

const FIELD = '--ids-file';

const FORMATS: Readonly<Record<string, SourceFormat>> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson' };

/** A file of ids that was read to its end. */
export interface IdsFile {
  readonly path: string;
  readonly format: SourceFormat;
  readonly survey: SourceSurvey;
}

/** Opens a file. @throws CliFailure in the iteration if it cannot be read. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk;
  } catch (error) {
    throw wrongUsage({ field: fieldOfFile(FIELD, path), expected: expectedFile(error) });
  }
}

/** Reads a file of ids. @throws CliFailure if it is not clear which ids the file contains. */
export const readIdsFile = async (path: string): Promise<IdsFile> => {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined)
    throw wrongUsage({ field: fieldOfFile(FIELD, path), expected: 'a file whose name ends in .csv or .ndjson' });
  const { surveyIds } = await import('../../activities/revalidation/files/source-file.js');
  const survey = await onStoreError(
    () => surveyIds(() => bytesOf(path), format),
    ({ expected }) => {
      throw wrongUsage({ field: fieldOfFile(FIELD, path), expected });
    },
  );
  return { path, format, survey };
};

const digest = async (content: AsyncIterable<string | Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
};

/** Copies the ids of the file into the workers' folder. A batch that has started keeps its ids. */
export const putIds = async (
  store: BatchStore,
  batch: string,
  { path, format }: IdsFile,
  hasStarted: boolean,
): Promise<void> => {
  const { idsOnly } = await import('../../activities/revalidation/files/source-file.js');
  const ids = () => idsOnly(() => bytesOf(path), format);
  const before = hasStarted ? await ifPresent(() => digest(store.openSource(batch))) : undefined;
  if (before === undefined) return store.putSource(batch, ids());
  if (before !== (await digest(ids())))
    throw new CliFailure('refused', 'a batch with this id was started with another file: use another id');
};

const firstOf = (items: readonly (string | number)[], count: number): string =>
  `${items.join(', ')}${count > items.length ? ', …' : ''}`;

/** Describes how a file was understood. */
export const surveyLines = ({ ids, repeated, firstIds, badLines, firstBadLines }: SourceSurvey): readonly string[] => [
  `The file has ${ids} ${ids === 1 ? 'id' : 'ids'}${repeated === 0 ? '' : `, ${repeated} of them repeated`}: ${firstOf(firstIds, ids)}`,
  ...(badLines === 0
    ? []
    : [`Lines without an id, which are skipped: ${badLines} (${firstOf(firstBadLines, badLines)})`]),
];
