/** A value that must not appear anywhere, and its description for reports. */
export interface ForbiddenValue {
  readonly what: string;
  readonly value: string;
}

/** One encoding of a forbidden value. */
interface Form {
  /** The index of the value in the list. */
  readonly index: number;
  readonly bytes: Buffer;
  /** True for digits, which are part of other ids and numbers by chance. */
  readonly standsAlone: boolean;
  /** The encoding, unless it is plain text. */
  readonly as?: 'base64' | 'hexadecimal' | 'percent-encoded';
}

/** The length of the prefix that indexes the forms, so that one pass over the content suffices. */
const PREFIX_BYTES = 3;

/** The encodings of shorter values match by chance. */
const MIN_ENCODED_LENGTH = 9;

const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9A-Za-z]/.test(String.fromCharCode(byte));

/** Returns the three base64 forms of a text within a longer text, one for each alignment. */
const inBase64 = (value: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + value).toString('base64');
    // The characters at either end depend on the adjacent bytes.
    return encoded.slice(offset === 0 ? 0 : offset + 1).replace(/.{0,2}=*$/, '');
  });

const formsOf = ({ value }: ForbiddenValue, index: number): readonly Form[] => {
  const plain: Form = { index, bytes: Buffer.from(value), standsAlone: /^\d+$/.test(value) };
  if (value.length < MIN_ENCODED_LENGTH) return [plain];
  const written = (as: NonNullable<Form['as']>, text: string): Form => ({
    index,
    bytes: Buffer.from(text),
    standsAlone: false,
    as,
  });
  const inUrl = encodeURIComponent(value);
  return [
    plain,
    ...inBase64(value).map((text) => written('base64', text)),
    // PostgreSQL logs byte strings in hexadecimal.
    written('hexadecimal', plain.bytes.toString('hex')),
    ...(inUrl === value ? [] : [written('percent-encoded', inUrl)]),
  ];
};

const prefixOf = (bytes: Buffer): number => bytes.readUIntBE(0, PREFIX_BYTES);

const byPrefix = (forms: readonly Form[]): ReadonlyMap<number, readonly Form[]> => {
  const found = new Map<number, Form[]>();
  for (const form of forms) {
    if (form.bytes.length < PREFIX_BYTES) throw new Error(`a forbidden value is shorter than ${PREFIX_BYTES} bytes`);
    const prefix = prefixOf(form.bytes);
    const same = found.get(prefix);
    if (same === undefined) found.set(prefix, [form]);
    else same.push(form);
  }
  return found;
};

const matchesAt = (content: Buffer, at: number, { bytes, standsAlone }: Form): boolean => {
  const end = at + bytes.length;
  if (end > content.length || content.compare(bytes, 0, bytes.length, at, end) !== 0) return false;
  return !standsAlone || (!isWordByte(content[at - 1]) && !isWordByte(content[end]));
};

/** Yields every occurrence of a form. */
function* matches(content: Buffer, forms: ReadonlyMap<number, readonly Form[]>, known: Uint8Array): Generator<Form> {
  let prefix = 0;
  for (let end = 1; end <= content.length; end += 1) {
    prefix = ((prefix << 8) | (content[end - 1] ?? 0)) & (known.length - 1);
    if (known[prefix] === 0 || end < PREFIX_BYTES) continue;
    const at = end - PREFIX_BYTES;
    yield* (forms.get(prefix) ?? []).filter((form) => matchesAt(content, at, form));
  }
}

/** Creates a search for many values at once, which returns the descriptions of those it finds, with their encoding. */
export const createSearch = (values: readonly ForbiddenValue[]): ((content: Buffer) => readonly string[]) => {
  const forms = byPrefix(values.flatMap(formsOf));
  const known = new Uint8Array(2 ** (8 * PREFIX_BYTES));
  for (const prefix of forms.keys()) known[prefix] = 1;
  return (content) => {
    const found = new Map<number, Form['as']>();
    // A plain occurrence takes precedence over an encoded one.
    for (const { index, as } of matches(content, forms, known))
      if (as === undefined || !found.has(index)) found.set(index, as);
    return values.flatMap(({ what }, index) => {
      if (!found.has(index)) return [];
      const as = found.get(index);
      return [as === undefined ? what : `${what} (${as})`];
    });
  };
};

/**
 * Returns the descriptions of the values in the content: as plain text, or from nine characters also in base64,
 * hexadecimal or percent-encoded.
 */
export const findForbiddenValues = (content: Buffer, values: readonly ForbiddenValue[]): readonly string[] =>
  createSearch(values)(content);
