import * as t from 'io-ts';
import type { Logger } from 'pino';
import { closed, matching, refined, wholeNumber } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { Name } from '../../shared/settings.js';

/** What API keys may be good for. Read by code, documents and tests alike. */
export const SCOPES = {
  start: 'Start onboardings, ask for tokens, register again, withdraw, have events sent again.',
  read: 'See where onboardings stand, list them, read their events.',
  review: 'Decide what is under review.',
  erase: 'Erase customers.',
  'personal-data': 'Read who is being onboarded.',
} as const;

export type Scope = keyof typeof SCOPES;

const Moment = refined(
  t.string,
  'a moment in ISO 8601, such as 2027-01-31T00:00:00Z',
  (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
);

const Entry = closed(
  t.intersection([
    t.type({
      name: Name,
      tenant: matching(/^[a-z0-9-]{1,50}$/, 'a name of 1 to 50 lower-case letters, digits and -'),
      scopes: t.readonlyArray(t.keyof(SCOPES, Object.keys(SCOPES).join(', '))),
      sha256: Sha256,
    }),
    t.partial({
      expiresAt: Moment,
      callbacks: matching(/^[\w.-]{1,100}$/, 'the name of an endpoint: letters, digits and . _ -'),
      requestsPerMinute: wholeNumber(1, 1_000_000),
    }),
  ]),
);

/** An API key, as its entry in the file says. */
export type ApiKey = t.TypeOf<typeof Entry>;

export interface ApiKeys {
  /** Whose key it is, if it is good at this moment. */
  readonly keyOf: (credential: string) => Promise<ApiKey | undefined>;
}

/**
 * API keys whose digests stand in a file, which is looked at on each request, so that keys come and go without a restart.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openApiKeys = async (path: string, logger: Logger): Promise<ApiKeys> => {
  const secrets = await openHashedSecrets({ path, entry: Entry, what: 'API keys', logger });
  return {
    keyOf: async (credential) => {
      const now = Date.now();
      const entries = await secrets.entriesOf(credential);
      return entries.find(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now);
    },
  };
};
