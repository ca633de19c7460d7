import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { csvLayoutOf } from '../../activities/revalidation/files/csv-layout.js';
import { maskJson, ROLES } from '../../codec-server/masking/mask-json.js';
import { readPayloads } from '../../codec-server/wire.js';
import { registrationIdOf } from '../../domain/ids.js';
import { decodeRequest } from '../../domain/request.js';
import { ReviewFields } from '../../domain/review/requests.js';
import { EventPath, StartHeaders } from '../../gateway/schemas/ids.js';
import { ListQuery, ReRegistrationBody, StartBody } from '../../gateway/schemas/onboarding.js';
import { MASKS, maskText } from '../../shared/masking.js';
import { codeWordOf } from '../../verifik/decode.js';
import { readRetryAfter } from '../../verifik/retry-after.js';
import { epochOf } from '../../verifik/time.js';
import { expiryOf } from '../../verifik/token.js';
import { readWebhook } from '../../verifik/webhooks.js';

const LENGTH = 100_000;

/** Texts in which a pattern can begin at many places and match nearly all of the rest. */
const TEXTS = [
  'a',
  '1',
  '.',
  ' ',
  'a@',
  '@a.',
  'a.',
  '1 -',
  'eyJ.',
  `${'a'.repeat(64)}@`,
  `${'a'.repeat(255)} `,
].flatMap((unit) => ['', 'a@'].map((head) => `${head}${unit.repeat(LENGTH / unit.length)}@`));

const webhook = (suffix: string, text: string) => {
  const [_id, type] = ['65f0a1b2c3d4e5f601234500', `onboarding_${suffix}`];
  const contact = { email: text, phone: text, countryCode: text };
  readWebhook({ type, object: { _id, status: text, compareResult: text, appRegistration: text, ...contact } });
  readWebhook({ type, object: { _id, ...contact, project: text, projectFlow: text } });
};

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a request': (text) =>
    decodeRequest({
      ...{ project: text, projectFlow: text, appRegistrationId: text, fullName: text, language: text },
      contact: { email: text, phone: text, countryCode: text },
    }),
  "the gateway's fields": (text) => {
    StartBody.decode({ reference: text });
    ReRegistrationBody.decode({ reason: text });
    ReviewFields.decode({ decision: text, reviewer: text, note: text, version: text });
    ListQuery.decode({ cursor: text, limit: text });
    EventPath.decode({ id: text, sequence: text });
    StartHeaders.decode({ 'idempotency-key': text });
  },
  'a webhook': (text) => {
    readWebhook({ type: text });
    for (const suffix of ['email_validation_failed', 'document_validation_created', 'face_verification_compare'])
      webhook(suffix, text);
  },
  "Verifik's answers": (text) => [codeWordOf(text), epochOf(text), readRetryAfter(text, 0), expiryOf(text)],
  "the codec server's payloads": (text) => readPayloads({ payloads: [{ metadata: { encoding: text }, data: text }] }),
  'the masking of texts': (text) => [maskText(text), ...Object.values(MASKS).map((mask) => mask(text))],
  'the masking of payloads': (text) =>
    ROLES.map((role) => maskJson(role, { [text]: text, status: text, reference: text })),
  'a file of ids': (text) => [registrationIdOf(text), E.tryCatch(() => csvLayoutOf(Buffer.from(text)), String)],
};

describe('the time to read a text from outside', () => {
  // CPU time, which other processes do not change. A quadratic pattern takes seconds.
  it.each(Object.entries(READERS))('is linear in its length: %s', (_name, read) => {
    for (const text of TEXTS) {
      const before = process.cpuUsage();
      read(text);
      const { user } = process.cpuUsage(before);
      expect([text.slice(0, 20), Math.floor(user / 500_000)]).toEqual([text.slice(0, 20), 0]);
    }
  });
});
