/** What a batch's files are, by kind: what was given to it, what it found line by line, and the summaries. */
const KINDS = {
  batch: 'batch',
  source: 'source file',
  lines: 'report lines',
  badLines: 'lines that were skipped',
  outcomes: 'outcomes',
  'summary.json': 'summary (JSON)',
  'summary.md': 'summary (Markdown)',
  'report.csv': 'report (CSV)',
  'report.html': 'report (HTML)',
} as const;

export type FileKind = keyof typeof KINDS;

/**
 * `absent`: there is no such file. `wrong`: an id, an argument or the content of a file is not what it should be; to repeat the call is
 * no use. `unavailable`: the store could not be read from or written to.
 */
export type StoreFault = 'absent' | 'wrong' | 'unavailable';

const messageOf = (fault: StoreFault, kind: FileKind, expected: string): string => {
  switch (fault) {
    case 'absent':
      return `There is no ${KINDS[kind]} of this batch: expected ${expected}.`;
    case 'wrong':
      return `The ${KINDS[kind]} of this batch is not right: expected ${expected}.`;
    case 'unavailable':
      return `The ${KINDS[kind]} of this batch is out of reach: expected ${expected}.`;
  }
};

/** Something of a batch could not be read or written. The message names the kind of file and what was expected, never content. */
export class BatchStoreError extends Error {
  override readonly name = 'BatchStoreError';
  readonly fault: StoreFault;
  readonly kind: FileKind;
  readonly expected: string;

  constructor(fault: StoreFault, kind: FileKind, expected: string, options?: ErrorOptions) {
    super(messageOf(fault, kind, expected), options);
    this.fault = fault;
    this.kind = kind;
    this.expected = expected;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

/** True of the file system's word that nothing is there. */
export const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** What a failure to read comes to. */
export const unreadable = (kind: FileKind, error: unknown): BatchStoreError => {
  if (error instanceof BatchStoreError) return error;
  return isAbsent(error)
    ? new BatchStoreError('absent', kind, 'one that was written')
    : new BatchStoreError('unavailable', kind, `a folder that can be read (${codeOf(error)})`, { cause: error });
};

/** What a failure to write comes to. */
export const unwritable = (kind: FileKind, error: unknown): BatchStoreError =>
  new BatchStoreError('unavailable', kind, `a folder that can be written to (${codeOf(error)})`, { cause: error });
