import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Read } from './config.js';
import { decodeFields, type FieldError, matching } from './decoding.js';
import { FilePath, optional, type SettingValues } from './settings.js';

const ContactKey = matching(/^\S{16,}$/, 'a secret of at least 16 characters, without white space');

/** The contact key as a setting, or the file that holds it. At most one of the two is set. */
export const CONTACT_KEY_SETTINGS = {
  contactKey: optional(
    'ONBOARDING_CONTACT_KEY',
    ContactKey,
    'The secret of the contact keys, under which onboardings are found by email or phone. The same in every client, worker and gateway.',
  ),
  contactKeyFile: optional('ONBOARDING_CONTACT_KEY_FILE', FilePath, 'A file that holds the contact key instead.'),
} as const;

const { contactKey: KEY, contactKeyFile: FILE } = CONTACT_KEY_SETTINGS;

const readKeyFile = (path: string): Read<string> =>
  pipe(
    E.tryCatch(
      () => readFileSync(path, 'utf8').trim(),
      () => [{ field: FILE.env, expected: 'a file that can be read' }],
    ),
    E.chain((text) =>
      E.mapLeft((errors: readonly FieldError[]) =>
        errors.map(({ expected }) => ({ field: FILE.env, expected: `a file with ${expected}` })),
      )(decodeFields(ContactKey)(text)),
    ),
  );

type Values = SettingValues<typeof CONTACT_KEY_SETTINGS>;

const FIELD = `${KEY.env} or ${FILE.env}`;

/** Reads the contact key, or `undefined` if neither setting is given. */
export const contactKeyIfAny = ({ contactKey: key, contactKeyFile: path }: Values): Read<string | undefined> => {
  if (key !== undefined && path !== undefined) return E.left([{ field: FIELD, expected: 'one of the two, not both' }]);
  return path === undefined ? E.right(key) : readKeyFile(path);
};

export const contactKeyOf = (values: Values): Read<string> =>
  pipe(
    contactKeyIfAny(values),
    E.chain((key) => (key === undefined ? E.left([{ field: FIELD, expected: ContactKey.name }]) : E.right(key))),
  );
