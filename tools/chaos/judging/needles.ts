/** Something that may not be found, and what to call it when it is. */
export interface Needle {
  readonly what: string;
  readonly value: string;
}

/** One way in which a needle may be written. */
interface Form {
  readonly needle: number;
  readonly bytes: Buffer;
  /** Digits stand in ids and numbers by chance: they count only where they stand alone. */
  readonly standsAlone: boolean;
  /** How it is written, where it is not in the clear. */
  readonly as?: 'base64' | 'hexadecimal' | 'percent-encoded';
}

/** By so many first bytes, forms are looked up while the haystack is gone through once. */
const PREFIX_BYTES = 3;

/** Codes that are shorter are too short to tell when they are written otherwise. */
const ENCODED_FROM_LENGTH = 9;

const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9A-Za-z]/.test(String.fromCharCode(byte));

/** The text as it looks within something longer that was encoded in base64, whichever byte it starts at. */
const inBase64 = (value: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + value).toString('base64');
    // The characters at either end depend on what stands beside it.
    return encoded.slice(offset === 0 ? 0 : offset + 1).replace(/.{0,2}=*$/, '');
  });

const formsOf = ({ value }: Needle, needle: number): readonly Form[] => {
  const plain: Form = { needle, bytes: Buffer.from(value), standsAlone: /^\d+$/.test(value) };
  if (value.length < ENCODED_FROM_LENGTH) return [plain];
  const written = (as: NonNullable<Form['as']>, text: string): Form => ({
    needle,
    bytes: Buffer.from(text),
    standsAlone: false,
    as,
  });
  const inUrl = encodeURIComponent(value);
  return [
    plain,
    ...inBase64(value).map((text) => written('base64', text)),
    // As PostgreSQL writes bytes in its log.
    written('hexadecimal', plain.bytes.toString('hex')),
    ...(inUrl === value ? [] : [written('percent-encoded', inUrl)]),
  ];
};

const prefixOf = (bytes: Buffer): number => bytes.readUIntBE(0, PREFIX_BYTES);

const byPrefix = (forms: readonly Form[]): ReadonlyMap<number, readonly Form[]> => {
  const found = new Map<number, Form[]>();
  for (const form of forms) {
    if (form.bytes.length < PREFIX_BYTES) throw new Error('a needle is shorter than three bytes');
    const prefix = prefixOf(form.bytes);
    const same = found.get(prefix);
    if (same === undefined) found.set(prefix, [form]);
    else same.push(form);
  }
  return found;
};

const stands = (haystack: Buffer, at: number, { bytes, standsAlone }: Form): boolean => {
  const end = at + bytes.length;
  if (end > haystack.length || haystack.compare(bytes, 0, bytes.length, at, end) !== 0) return false;
  return !standsAlone || (!isWordByte(haystack[at - 1]) && !isWordByte(haystack[end]));
};

/** Every place of the haystack at which one of the forms stands. */
function* standing(haystack: Buffer, forms: ReadonlyMap<number, readonly Form[]>, known: Uint8Array): Generator<Form> {
  let prefix = 0;
  for (let end = 1; end <= haystack.length; end += 1) {
    prefix = ((prefix << 8) | (haystack[end - 1] ?? 0)) & (known.length - 1);
    if (known[prefix] === 0 || end < PREFIX_BYTES) continue;
    const at = end - PREFIX_BYTES;
    yield* (forms.get(prefix) ?? []).filter((form) => stands(haystack, at, form));
  }
}

/** Looks for many things at once. What it answers with names what was found of them, in the clear or encoded. */
export const createSearch = (needles: readonly Needle[]): ((haystack: Buffer) => readonly string[]) => {
  const forms = byPrefix(needles.flatMap(formsOf));
  const known = new Uint8Array(2 ** (8 * PREFIX_BYTES));
  for (const prefix of forms.keys()) known[prefix] = 1;
  return (haystack) => {
    const found = new Map<number, Form['as']>();
    // What stands there in the clear is called so, whatever else is there.
    for (const { needle, as } of standing(haystack, forms, known))
      if (as === undefined || !found.has(needle)) found.set(needle, as);
    return needles.flatMap(({ what }, index) => {
      if (!found.has(index)) return [];
      const as = found.get(index);
      return [as === undefined ? what : `${what} (${as})`];
    });
  };
};

/** What is found of the needles, in the clear or (but for codes too short to tell) in base64, hexadecimal or percent-encoded. */
export const findNeedles = (haystack: Buffer, needles: readonly Needle[]): readonly string[] =>
  createSearch(needles)(haystack);
