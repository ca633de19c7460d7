import { defaultPayloadConverter } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { openSigningKeys } from '../../codec/evidence/signing-keys.js';
import { EncryptionCodec, KEY_VARIABLES, type KeyProvider, KeyProviderError, openKeyRing } from '../../codec/index.js';
import { POLICIES_FILE } from '../../domain/policy/named.js';
import { openJsonFile } from '../../shared/json-file.js';
import { documentPath } from '../../shared/package-files.js';
import { SECOND_MS } from '../../shared/time.js';
import { type Account, openAccounts } from '../../verifik/accounts.js';
import { createVerifikClient } from '../../verifik/index.js';
import { type CliConfig, namedKeyProvider, SETTINGS } from '../config.js';
import { examine, type Finding, orProblem, Problem, skipped } from './finding.js';

/** Encrypts and decrypts a payload, and returns the id of the key. */
const roundTrip = async (provider: KeyProvider, namespace: string): Promise<string> => {
  const keys = await openKeyRing(provider);
  const codec = new EncryptionCodec({ keys, namespace });
  const payload = defaultPayloadConverter.toPayload('doctor');
  const [decrypted] = await codec.decode(await codec.encode([payload]));
  if (decrypted === undefined || defaultPayloadConverter.fromPayload(decrypted) !== 'doctor')
    throw new KeyProviderError('A decrypted payload differs from the original');
  return keys.current().id;
};

const FIX_KEYS = {
  keys: `Correct the keys in ${KEY_VARIABLES.keys}`,
  file: `Check the file of ${KEY_VARIABLES.file}, and the credentials and packages for keys in a key management service`,
  module: `Check the key provider in ${KEY_VARIABLES.module}`,
} as const;

const fixOfKeys = ([source, ...others]: CliConfig['keySources']): string => {
  if (source === undefined) return `Set ${KEY_VARIABLES.file} to a file with the keys of the workers`;
  return others.length === 0 ? FIX_KEYS[source] : 'Keep the one that the workers have';
};

export const examineKeys = ({ keyProvider, keySources }: CliConfig, namespace: string): Promise<Finding> =>
  examine('encryption keys', `${fixOfKeys(keySources)}: ${documentPath('encryption.md')}`, async () => {
    const id = await roundTrip(orProblem(keyProvider), namespace).catch((error: unknown) => {
      // The message of another error may contain a key.
      throw error instanceof KeyProviderError ? error : new Problem('the keys cannot be used');
    });
    const hint = id === 'development' ? ', a development key of this machine' : '';
    return `encrypted and decrypted a payload with key ${id}${hint}`;
  });

const EVIDENCE_KEYS = `${SETTINGS.evidenceKeys.env} or ${SETTINGS.evidenceKeysFile.env}`;

/** Examines the keys that sign evidence, which must not be encryption keys. */
export const examineEvidenceKeys = async (config: CliConfig): Promise<Finding> => {
  if (config.evidenceKeys === undefined && config.evidenceKeysFile === undefined)
    return skipped('evidence keys', `${EVIDENCE_KEYS} is not set. Only processes that sign evidence need it.`);
  return examine('evidence keys', `Correct ${EVIDENCE_KEYS}: ${documentPath('evidence.md')}`, async () => {
    const keys = await openSigningKeys(config, namedKeyProvider(config));
    return `evidence is signed with key ${(await keys?.current())?.id}`;
  });
};

const CONTACT_KEYS = `${SETTINGS.contactKey.env} or ${SETTINGS.contactKeyFile.env}`;

export const examineContactKey = ({ contactKey, namesContactKey }: CliConfig): Promise<Finding> =>
  examine(
    'contact key',
    namesContactKey
      ? `Correct ${CONTACT_KEYS}, which must be the same in every client.`
      : `Set ${SETTINGS.contactKeyFile.env}: start and re-register need it.`,
    async () => {
      orProblem(contactKey);
      return 'set; it must be the same in every client';
    },
  );

export const examinePolicies = async ({ policiesFile: path }: CliConfig): Promise<Finding> => {
  const { env } = POLICIES_FILE;
  if (path === undefined) return skipped('policies', `no file: ${env} is not set. Only workers need it.`);
  return examine('policies', `Correct the file of ${env}: onboardings that name a policy wait for it.`, async () => {
    const { size } = await (await openJsonFile({ path, ...POLICIES_FILE })).current();
    return `${path} has ${size} named ${size === 1 ? 'policy' : 'policies'}`;
  });
};

const VERIFIK_TIMEOUT_MS = 15 * SECOND_MS;

const TOKENS = [SETTINGS.verifikClientToken, SETTINGS.verifikClientTokenFile, SETTINGS.verifikAccountsFile];
const FIX_VERIFIK = `Check ${SETTINGS.verifikBaseUrl.env}, and the token in ${TOKENS.map(({ env }) => env).join(' or ')}.`;

/** Examines an account's client token, by a request for one registration. Shows nothing of the response. */
const examineAccount = ({ name, tokenSource }: Account, baseUrl: string): Promise<Finding> =>
  examine(name === undefined ? 'Verifik' : `Verifik (${name})`, FIX_VERIFIK, async () => {
    const client = createVerifikClient({ baseUrl, tokenSource, totalTimeoutMs: VERIFIK_TIMEOUT_MS });
    try {
      const page = await client.listAppRegistrations({ page: 1, limit: 1 })();
      if (E.isLeft(page)) throw new Problem(page.left.message);
      return `${baseUrl} accepts the token`;
    } finally {
      client.close();
    }
  });

/** Examines Verifik's API with the client token of each account. */
export const examineVerifik = async ({
  verifikBaseUrl: baseUrl,
  clientToken,
  accountsFile,
}: CliConfig): Promise<readonly Finding[]> => {
  if (E.isRight(clientToken) && clientToken.right === undefined && accountsFile === undefined) {
    const found = `no request sent: ${SETTINGS.verifikClientToken.env} is not set. Only workers need it.`;
    return [skipped('Verifik', found)];
  }
  try {
    const accounts = await openAccounts(accountsFile, orProblem(clientToken));
    return await Promise.all((await accounts.current()).map((account) => examineAccount(account, baseUrl)));
  } catch (error) {
    return [await examine('Verifik', FIX_VERIFIK, () => Promise.reject(error))];
  }
};
