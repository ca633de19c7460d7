import * as t from 'io-ts';
import type { Logger } from 'pino';
import { closed } from '../../shared/decoding.js';
import { openHashedSecrets, Sha256 } from '../../shared/hashed-secrets.js';
import { Name } from '../../shared/settings.js';

/** Knows the secrets with which Verifik's webhooks are sent. */
export interface WebhookSecrets {
  /** The name of the secret, or `undefined` where it is none (any more). */
  readonly nameOf: (secret: string) => Promise<string | undefined>;
}

const Entry = closed(t.type({ name: Name, sha256: Sha256 }));

/**
 * Opens the file of secrets: a list of `{name, sha256}`, two of them while one takes the other's place. It is looked at with each webhook.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openWebhookSecrets = async (path: string, logger: Logger): Promise<WebhookSecrets> => {
  const { entriesOf } = await openHashedSecrets({ path, entry: Entry, what: 'webhook secrets', logger });
  return {
    nameOf: async (secret) => {
      const [found] = await entriesOf(secret);
      return found?.name;
    },
  };
};
