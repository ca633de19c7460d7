import * as t from 'io-ts';
import type { Logger } from 'pino';
import { closed } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { Name } from '../../shared/settings.js';
import { SETTINGS } from '../settings.js';
import type { Credentials } from './authentication.js';

const Entry = closed(
  t.type({
    name: Name,
    role: t.keyof({ 'personal-data': null, masked: null }, 'personal-data or masked'),
    sha256: Sha256,
  }),
);

/**
 * Opens a file with the digests of tokens. The file is checked for changes on each request, so that tokens can be added
 * and revoked without a restart.
 *
 * @throws JsonFileError if the file is wrong at the start.
 */
export const openStaticTokens = async (path: string, logger: Logger): Promise<Credentials> => {
  const { entriesOf } = await openHashedSecrets({
    path,
    env: SETTINGS.tokensFile.env,
    entry: Entry,
    what: 'tokens',
    logger,
  });
  return { callerOf: async (credential) => (await entriesOf(credential))[0] };
};
