/** The kinds of files of a batch, by their names in messages. */
const KINDS = {
  batch: 'folder',
  source: 'source file',
  lines: 'list of results',
  badLines: 'list of skipped lines',
  outcomes: 'list of outcomes',
  'summary.json': 'summary (JSON)',
  'summary.md': 'summary (Markdown)',
  'report.csv': 'report (CSV)',
  'report.html': 'report (HTML)',
} as const;

export type FileKind = keyof typeof KINDS;

/**
 * `absent`: the file does not exist. `wrong`: an id, an argument or the content of a file is invalid, and a retry is of
 * no use. `unavailable`: the folder cannot be read or written.
 */
export type StoreFault = 'absent' | 'wrong' | 'unavailable';

const messageOf = (fault: StoreFault, kind: FileKind, expected: string): string => {
  switch (fault) {
    case 'absent':
      return `The ${KINDS[kind]} of this batch does not exist: expected ${expected}.`;
    case 'wrong':
      return `The ${KINDS[kind]} of this batch is invalid: expected ${expected}.`;
    case 'unavailable':
      return `The ${KINDS[kind]} of this batch is not accessible: expected ${expected}.`;
  }
};

/**
 * A file of a batch cannot be read or written. The message contains the kind of file and the expected value, never
 * content.
 */
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

export const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** Converts an error of reading. */
export const unreadable = (kind: FileKind, error: unknown): BatchStoreError => {
  if (error instanceof BatchStoreError) return error;
  return isAbsent(error)
    ? new BatchStoreError('absent', kind, 'a file that has been written')
    : new BatchStoreError('unavailable', kind, `a folder that can be read (${codeOf(error)})`, { cause: error });
};

/** Converts an error of writing. */
export const unwritable = (kind: FileKind, error: unknown): BatchStoreError =>
  new BatchStoreError('unavailable', kind, `a folder that can be written to (${codeOf(error)})`, { cause: error });
