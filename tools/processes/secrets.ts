import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as R from 'fp-ts/lib/Record.js';

/** A file with the digests of secrets, and the secrets themselves by key. */
export interface HashedSecrets<K extends string> {
  readonly file: string;
  readonly secrets: Readonly<Record<K, string>>;
}

/**
 * Creates a secret for each entry, and writes a file of the entries with their digests, as the services read it. The
 * name of an entry is its key, unless it has a `name`. The file is in a new folder in `parent`.
 */
export const writeHashedSecrets = async <K extends string>(
  entries: Readonly<Record<K, object>>,
  parent = tmpdir(),
): Promise<HashedSecrets<K>> => {
  const made = R.mapWithIndex((name: K, entry: object) => {
    const secret = randomBytes(24).toString('base64url');
    return { secret, listed: { name, ...entry, sha256: createHash('sha256').update(secret).digest('hex') } };
  })(entries);
  const listed = Object.values<{ readonly listed: object }>(made).map((one) => one.listed);
  const file = join(await mkdtemp(join(parent, 'verifik-onboarding-')), 'secrets.json');
  await writeFile(file, JSON.stringify(listed), { mode: 0o600 });
  return { file, secrets: R.map(({ secret }: { readonly secret: string }) => secret)(made) };
};
