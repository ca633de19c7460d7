/** Something that may not be found, and what to call it when it is. */
export interface Needle {
  readonly what: string;
  readonly value: string;
}

const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9A-Za-z]/.test(String.fromCharCode(byte));

const alone = (haystack: Buffer, at: number, length: number): boolean =>
  !isWordByte(haystack[at - 1]) && !isWordByte(haystack[at + length]);

/** Digits stand in ids and numbers by chance: they count only where they stand alone. */
const includes = (haystack: Buffer, value: string): boolean => {
  const wanted = Buffer.from(value);
  const digits = /^\d+$/.test(value);
  for (let at = haystack.indexOf(wanted); at !== -1; at = haystack.indexOf(wanted, at + 1))
    if (!digits || alone(haystack, at, wanted.length)) return true;
  return false;
};

/** The text as it looks within something longer that was encoded in base64, whichever byte it starts at. */
const inBase64 = (value: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + value).toString('base64');
    // The characters at either end depend on what stands beside it.
    return encoded.slice(offset === 0 ? 0 : offset + 1).replace(/.{0,2}=*$/, '');
  });

/** What is found of the needles, in the clear or (but for codes too short to tell) in base64. */
export const findNeedles = (haystack: Buffer, needles: readonly Needle[]): readonly string[] =>
  needles.flatMap(({ what, value }) => {
    if (includes(haystack, value)) return [what];
    return value.length > 8 && inBase64(value).some((form) => includes(haystack, form)) ? [`${what} (base64)`] : [];
  });
