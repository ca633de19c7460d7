import * as t from 'io-ts';
import type { Logger } from 'pino';
import { VendorId } from '../../domain/ids.js';
import { closed, eitherOf, matching, refined, someOf, wholeNumber } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { Name } from '../../shared/settings.js';
import { SETTINGS } from '../settings.js';

export const SCOPES = {
  start: 'Start onboardings, get tokens, register again, withdraw, replay events.',
  read: 'Read the status of onboardings, list them, read their events.',
  review: 'List, claim and decide reviews.',
  erase: 'Erase customers.',
  adopt: 'Start onboardings with the `appRegistrationId` of a registration that Verifik has.',
  'personal-data': "Read the applicant's name and contact, and evidence with personal data.",
  evidence: 'Read the signed evidence of decided onboardings.',
} as const;

export type Scope = keyof typeof SCOPES;

const Timestamp = refined(
  t.string,
  'a time in ISO 8601, such as 2027-01-31T00:00:00Z',
  (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
);

const Entry = closed(
  t.intersection([
    t.type({
      name: Name,
      tenant: matching(/^[a-z0-9-]{1,50}$/, 'a name of 1 to 50 lower-case letters, digits and -'),
      scopes: someOf(t.keyof(SCOPES, eitherOf(Object.keys(SCOPES))), 'one or more scopes'),
      sha256: Sha256,
    }),
    t.partial({
      expiresAt: Timestamp,
      projects: someOf(VendorId, 'one or more projects'),
      projectFlows: someOf(VendorId, 'one or more project flows'),
      callbacks: matching(/^[\w.-]{1,100}$/, 'the name of an endpoint: letters, digits and . _ -'),
      requestsPerMinute: wholeNumber(1, 1_000_000),
    }),
  ]),
);

/** An API key's entry in the file. */
export type ApiKey = t.TypeOf<typeof Entry>;

export type ApiKeys = Awaited<ReturnType<typeof openApiKeys>>;

/**
 * Opens a file with the digests of API keys. The file is checked for changes on each request, so that keys can be added
 * and revoked without a restart.
 *
 * @throws JsonFileError if the file is wrong at the start.
 */
export const openApiKeys = async (path: string, logger: Logger) => {
  const { entriesOf } = await openHashedSecrets({
    path,
    env: SETTINGS.keysFile.env,
    entry: Entry,
    what: 'API keys',
    logger,
  });
  return {
    keyOf: async (credential: string): Promise<ApiKey | undefined> => {
      const now = Date.now();
      const entries = await entriesOf(credential);
      return entries.find(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now);
    },
  };
};
