/** The kind of sensitive data in a field. */
export type Sensitivity = 'secret' | 'email' | 'phone' | 'name' | 'image' | 'other';

/**
 * Sensitive fields by name, in any object. Logs omit them; the codec server masks them for callers who may not see
 * personal data.
 */
export const SENSITIVE_FIELDS = {
  token: 'secret',
  link: 'secret',
  accessToken: 'secret',
  refreshToken: 'secret',
  idToken: 'secret',
  clientToken: 'secret',
  authorization: 'secret',
  cookie: 'secret',
  password: 'secret',
  secret: 'secret',
  apiKey: 'secret',
  otp: 'secret',
  email: 'email',
  phone: 'phone',
  phoneNumber: 'phone',
  fullName: 'name',
  firstName: 'name',
  middleName: 'name',
  lastName: 'name',
  image: 'image',
  images: 'image',
  base64: 'image',
  photo: 'image',
  selfie: 'image',
  frontImage: 'image',
  backImage: 'image',
  contact: 'other',
  formerContact: 'other',
  documentNumber: 'other',
  dateOfBirth: 'other',
  note: 'other',
} as const satisfies Record<string, Sensitivity>;

const normalizeName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const BY_NAME: ReadonlyMap<string, Sensitivity> = new Map(
  Object.entries(SENSITIVE_FIELDS).map(([name, sensitivity]) => [normalizeName(name), sensitivity]),
);

/** The sensitivity of a field by its name, in any spelling: `access_token` is `accessToken`. */
export const sensitivityOf = (name: string): Sensitivity | undefined => BY_NAME.get(normalizeName(name));

export const HIDDEN = '[hidden]';

const first = (text: string): string => [...text][0] ?? '';

const maskEmail = (text: string): string => {
  const [local = '', domain = '', ...more] = text.trim().split('@');
  const labels = domain.split('.');
  const top = labels[labels.length - 1] ?? '';
  return local === '' || labels.length < 2 || more.length > 0
    ? HIDDEN
    : `${first(local)}***@${first(domain)}***.${top}`;
};

const maskPhone = (text: string): string => {
  const digits = text.replace(/\D/g, '');
  return digits.length < 5 ? '***' : `***${digits.slice(-2)}`;
};

const MAX_NAMES = 6;

const maskName = (text: string): string =>
  text
    .trim()
    .split(/\s+/, MAX_NAMES)
    .map((word) => `${first(word)}***`)
    .join(' ');

export const MASKS: Readonly<Record<Sensitivity, (text: string) => string>> = {
  secret: () => '[secret]',
  email: maskEmail,
  phone: maskPhone,
  name: maskName,
  image: () => '[image]',
  other: () => HIDDEN,
};

/** The first base64url characters of `{"`, with the white space that JSON allows between the two. */
const HEADER_START = /eyJ|eyA|eyI|ewo|ew0|ewk/g;

const HEADER_SAMPLE_LENGTH = 16;

const isHeader = (encoded: string): boolean => {
  try {
    return /^\{\s*"/.test(atob(encoded.slice(0, HEADER_SAMPLE_LENGTH).replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return false;
  }
};

/** The index at which a JSON web token begins in dot-separated base64url parts. */
const tokenStart = (run: string): number | undefined => {
  const parts = run.split('.');
  let offset = 0;
  for (const [index, part] of parts.entries()) {
    if (index + 2 >= parts.length) return undefined;
    const start = [...part.matchAll(HEADER_START)].find((match) => isHeader(part.slice(match.index)));
    if (start !== undefined) return offset + start.index;
    offset += part.length + 1;
  }
  return undefined;
};

export const withoutTokens = (text: string): string =>
  text.replace(/(?<![\w.-])[\w.-]{20,}/g, (run) => {
    const start = tokenStart(run);
    return start === undefined ? run : `${run.slice(0, start)}[token]`;
  });

// The local part is looked for behind each `@`, not at each character, so that matching takes linear time.
const AFTER_LOCAL = /@(?<=([\p{L}\p{N}._%+'~!#$&*/=?^`|-]{1,64})@)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

export const replaceEmails = (text: string, replace: (email: string) => string): string => {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: rest, 1: local = '', index } of text.matchAll(AFTER_LOCAL)) {
    const start = Math.max(end, index - local.length);
    const next = index + rest.length;
    pieces.push(text.slice(end, start), replace(text.slice(start, next)));
    end = next;
  }
  return pieces.join('') + text.slice(end);
};

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const MOMENT = '(?:19|20)\\d\\d-[01]\\d-[0-3]\\d(?:[T ][0-2]\\d:[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?)?';
const PHONE = '\\+?\\(?\\d[\\d ().-]{5,20}\\d';

/** Digits that may be a phone number, or a UUID or time, which is kept. */
const DIGITS = new RegExp(`(?<![A-Za-z0-9])(?:(${UUID}|${MOMENT})|(${PHONE}))(?![A-Za-z0-9])`, 'g');

const MIN_PHONE_DIGITS = 7;

const maskIfPhone = (run: string): string => (run.replace(/\D/g, '').length < MIN_PHONE_DIGITS ? run : maskPhone(run));

const LONG_DATA = /(?:data:[\w/+.-]{1,100};base64,)?(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{256,}={0,2}/g;

/**
 * Masks the personal data in a text that can be recognized by its form: tokens, email addresses, phone numbers and
 * images.
 */
export const maskText = (text: string): string =>
  replaceEmails(withoutTokens(text).replace(LONG_DATA, '[image]'), maskEmail).replace(
    DIGITS,
    (run: string, kept: string | undefined) => kept ?? maskIfPhone(run),
  );
