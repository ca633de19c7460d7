import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { SECOND_MS } from '../../shared/time.js';
import { createVerifikClient, type TokenSource } from '../../verifik/index.js';
import type { CliConfig, ClientToken } from '../config.js';
import { SETTINGS } from '../settings.js';
import { type Finding, ok, skipped, wrong, wrongSettings } from './finding.js';

const ABOUT = 'Verifik';
const TIMEOUT_MS = 15 * SECOND_MS;
const MEND = `Look at ${SETTINGS.verifikBaseUrl.env}, and at the token of ${SETTINGS.verifikClientToken.env} or ${SETTINGS.verifikClientTokenFile.env}.`;

const tokenSource = (from: Exclude<ClientToken, { readonly from: 'nowhere' }>): TokenSource => ({
  read: async () => (from.from === 'variable' ? from.token : (await readFile(from.path, 'utf8')).trim()),
});

/** Whether Verifik answers, and takes the client token: one page of one registration is asked for, and nothing of it shown. */
export const lookAtVerifik = async ({ verifik: { baseUrl, clientToken } }: CliConfig): Promise<Finding> => {
  if (E.isLeft(clientToken)) return wrongSettings(ABOUT, clientToken.left, MEND);
  if (clientToken.right.from === 'nowhere')
    return skipped(
      ABOUT,
      `not asked: ${SETTINGS.verifikClientToken.env} is not set here, and need not be where no worker runs`,
    );
  const client = createVerifikClient({
    baseUrl,
    tokenSource: tokenSource(clientToken.right),
    totalTimeoutMs: TIMEOUT_MS,
  });
  try {
    const page = await client.listAppRegistrations({ page: 1, limit: 1 })();
    return E.isRight(page)
      ? ok(ABOUT, `it answers at ${baseUrl}, and takes the token`)
      : wrong(ABOUT, page.left.message, MEND);
  } finally {
    client.close();
  }
};
