import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { SECOND_MS } from '../../shared/time.js';
import { createVerifikClient, type TokenSource } from '../../verifik/index.js';
import type { CliConfig, ClientToken } from '../config.js';
import { SETTINGS } from '../settings.js';
import { type Finding, ok, skipped, wrong, wrongSettings } from './finding.js';

const ABOUT = 'Verifik';
const TIMEOUT_MS = 15 * SECOND_MS;
const FIX = `Check ${SETTINGS.verifikBaseUrl.env}, and the token in ${SETTINGS.verifikClientToken.env} or ${SETTINGS.verifikClientTokenFile.env}.`;

const tokenSource = (token: Exclude<ClientToken, { readonly from: 'nowhere' }>): TokenSource => ({
  read: async () => (token.from === 'variable' ? token.token : (await readFile(token.path, 'utf8')).trim()),
});

/** Examines Verifik's API and the client token, by a request for one registration. Shows nothing of the response. */
export const examineVerifik = async ({ verifik: { baseUrl, clientToken } }: CliConfig): Promise<Finding> => {
  if (E.isLeft(clientToken)) return wrongSettings(ABOUT, clientToken.left, FIX);
  if (clientToken.right.from === 'nowhere')
    return skipped(ABOUT, `no request sent: ${SETTINGS.verifikClientToken.env} is not set. Only workers need it.`);
  const client = createVerifikClient({
    baseUrl,
    tokenSource: tokenSource(clientToken.right),
    totalTimeoutMs: TIMEOUT_MS,
  });
  try {
    const page = await client.listAppRegistrations({ page: 1, limit: 1 })();
    return E.isRight(page) ? ok(ABOUT, `${baseUrl} accepts the token`) : wrong(ABOUT, page.left.message, FIX);
  } finally {
    client.close();
  }
};
