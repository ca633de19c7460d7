import { replaceEmails, withoutTokens } from '../../shared/masking.js';

/** A text on one line, without what would steer a terminal, and without addresses and tokens that slipped into it. */
export const plain = (text: string): string =>
  replaceEmails(withoutTokens(text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()), () => '[email]');
