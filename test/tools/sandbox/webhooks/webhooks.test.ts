import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../../tools/sandbox/index.js';
import { openServer } from '../http-server.js';
import { inventPerson, MINUTE_MS, openSandbox, register, registerApplicant, requestEmailCode } from '../vendor.js';

const Webhook = t.type({ type: t.string, object: t.UnknownRecord });
type Webhook = t.TypeOf<typeof Webhook>;

/** Receives webhooks, and refuses the first ones. */
const listen = async (refusals = 0) => {
  const received: Webhook[] = [];
  const { url, arrived } = await openServer((response, _request, { body }) => {
    const isRefused = arrived.length <= refusals;
    const webhook: unknown = JSON.parse(body);
    if (!isRefused && Webhook.is(webhook)) received.push(webhook);
    response.writeHead(isRefused ? 500 : 204).end();
  });
  const types = () => received.map(({ type }) => type.replace('onboarding_', ''));
  return { webhookUrl: `${url}/hook`, received, types, tries: () => arrived.length };
};

const goThrough = async (settings: Partial<Settings>, tag?: string) => {
  const sandbox = await openSandbox({ settings });
  const { _id, token, applicant } = await registerApplicant(sandbox, inventPerson(tag));
  for await (const _step of applicant.goThrough());
  return { sandbox, _id, token };
};

const HAPPY = [
  'app_registration_created',
  'email_validation_created',
  'email_validation_sent',
  'email_validation_validated',
  'phone_validation_created',
  'phone_validation_sent',
  'phone_validation_validated',
  'app_registration_sync_sign_up_form',
  'app_registration_ongoing',
  'document_validation_created',
  'document_validation_source_lookup',
  'app_registration_sync_document',
  'app_registration_ongoing',
  'biometric_validation_new',
  'biometric_validation_validated',
  'biometric_validation_created_person',
  'app_registration_sync_liveness',
  'app_registration_ongoing',
  'face_verification_compare',
  'app_registration_sync_end',
  'app_registration_completed',
];

describe('webhooks', () => {
  it('webhooks report each event with its object, and never contain a code', async () => {
    const hook = await listen();
    const { _id } = await goThrough({ webhookUrl: hook.webhookUrl, webhookShuffle: 1 });
    await expect.poll(() => hook.received.length).toBe(HAPPY.length);
    expect(hook.types().sort()).toEqual([...HAPPY].sort());
    for (const { type, object } of hook.received) {
      expect(object, type).not.toHaveProperty('otp');
      if (type.includes('app_registration_')) expect(object).toMatchObject({ _id, webhook: hook.webhookUrl });
      if (/(document|biometric)_validation/.test(type)) expect(object['appRegistration']).toBe(_id);
      if (type.includes('email_validation')) expect(object['email']).toBe(inventPerson().email);
      if (type.endsWith('email_validation_created'))
        expect(object).toMatchObject({ emailData: { authLink: expect.stringContaining('?token=ey') } });
    }
  });

  it('webhooks report failed faces and documents, and wrong and expired codes', async () => {
    const hook = await listen();
    const tag = 'document-review+biometric-failed';
    const { sandbox } = await goThrough({ webhookUrl: hook.webhookUrl }, tag);
    const other = inventPerson(undefined, 1);
    const { token, applicant } = await registerApplicant(sandbox, other);
    const { otp } = await requestEmailCode(sandbox, token, other);
    await expect(applicant.validateEmail(otp === '000000' ? '111111' : '000000')).rejects.toThrow('refused');
    await sandbox.control.advanceClock(10 * MINUTE_MS);
    await expect
      .poll(hook.types)
      .toEqual(
        expect.arrayContaining([
          'document_validation_manual_verification_required',
          'app_registration_needs_manual_verification',
          'biometric_validation_liveness_failed',
          'biometrics_liveness_score_not_acceptable',
          'email_validation_resend',
          'email_validation_otp_incorect',
          'email_validation_expired',
        ]),
      );
  });

  it('webhooks are delivered several times', async () => {
    const hook = await listen();
    await goThrough({ webhookUrl: hook.webhookUrl, webhookCopies: 2 });
    await expect.poll(() => hook.received.length).toBe(2 * HAPPY.length);
  });

  it('the number of deliveries is random in the given range', async () => {
    const hook = await listen();
    await goThrough({ webhookUrl: hook.webhookUrl, webhookCopies: [1, 3] });
    const counts = () =>
      [...new Set(HAPPY)].map((type) => {
        const each = hook.types().filter((received) => received === type).length;
        return each / HAPPY.filter((sent) => sent === type).length;
      });
    await expect.poll(() => Math.min(...counts())).toBeGreaterThanOrEqual(1);
    await expect.poll(() => Math.max(...counts())).toBeGreaterThan(1);
    expect(Math.max(...counts())).toBeLessThanOrEqual(3);
  });

  it('webhooks are shuffled in windows, and flush sends the incomplete window', async () => {
    const hook = await listen();
    const { sandbox } = await goThrough({ webhookUrl: hook.webhookUrl, webhookShuffle: 1_000 });
    expect(hook.received).toEqual([]);
    await sandbox.control.flushWebhooks();
    await expect.poll(() => hook.received.length).toBe(HAPPY.length);
    expect(hook.types()).not.toEqual(HAPPY);
    expect(hook.types().sort()).toEqual([...HAPPY].sort());
  });

  it('webhooks are lost, and forged ones claim success', async () => {
    const hook = await listen();
    const { _id } = await goThrough({ webhookUrl: hook.webhookUrl, webhookLossRate: 1, webhookForgeryRate: 1 });
    await expect.poll(() => hook.received.length).toBe(HAPPY.length);
    expect(new Set(hook.types())).toEqual(new Set(['app_registration_completed']));
    expect(hook.received.some(({ object }) => object['_id'] === _id && object['status'] === 'COMPLETED')).toBe(true);
  });

  it('webhooks are delayed', async () => {
    const hook = await listen();
    const sandbox = await openSandbox({ settings: { webhookUrl: hook.webhookUrl, webhookDelayMs: 150 } });
    const startedAt = performance.now();
    await register(sandbox);
    await expect.poll(() => hook.received.length).toBe(1);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
  });

  it('refused webhooks are retried, with three tries in all', async () => {
    const hook = await listen(2);
    await register(await openSandbox({ settings: { webhookUrl: hook.webhookUrl } }));
    await expect.poll(hook.types).toEqual(['app_registration_created']);
    expect(hook.tries()).toBe(3);
  });
});
