import { describe, expect, it } from 'vitest';
import { ask, openSandbox, readRegistration, register, sync } from '../vendor.js';

const overrideWith = (status: string, note?: string) => ({ step: 'adminOverride', status, note });

describe('an override of a status', () => {
  it.each(['COMPLETED', 'COMPLETED_WITHOUT_KYC', 'FAILED'])(
    'a client token sets the status %s in any status',
    async (status) => {
      const sandbox = await openSandbox();
      const { _id, token } = await register(sandbox);
      for (const before of ['NEEDS_MANUAL_VERIFICATION', 'COMPLETED', 'FAILED']) {
        await sandbox.control.setStatus(_id, before);
        expect(
          (await sync(sandbox, sandbox.clientToken, _id, overrideWith(status, 'seen on a call'))).body,
        ).toMatchObject({
          data: { status, appRegistrationId: _id },
        });
        const { manualReviewLog } = await readRegistration(sandbox, _id);
        expect(manualReviewLog).toEqual(
          expect.arrayContaining([
            expect.objectContaining({
              previousStatus: before,
              newStatus: status,
              note: 'seen on a call',
              reviewedByClient: expect.anything(),
            }),
          ]),
        );
      }
      expect((await sync(sandbox, token, _id, overrideWith(status))).status).toBe(403);
    },
  );

  it('an override sends the webhook of the new status, for any status from the panel', async () => {
    const sandbox = await openSandbox({ settings: { webhookUrl: 'http://127.0.0.1:9/hook' } });
    const { _id } = await register(sandbox);
    await sync(sandbox, sandbox.clientToken, _id, overrideWith('FAILED'));
    for (const status of ['EXPIRED', 'STARTED', 'COMPLETED']) await sandbox.control.override(_id, status, 'by hand');
    const events = await ask(sandbox, sandbox.clientToken, `GET /webhook-events?where_appRegistration=${_id}`);
    const suffixes = ['created', 'failed', 'expired', 'started', 'completed'];
    expect(events.body).toMatchObject({
      data: suffixes.map((suffix) => ({ type: `onboarding_app_registration_${suffix}` })),
    });
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      status: 'COMPLETED',
      manualReviewLog: [{ newStatus: 'FAILED' }, {}, {}, { note: 'by hand', reviewedByStaff: { name: 'A reviewer' } }],
    });
  });

  it('an override is refused by the setting, for other statuses, and without a status', async () => {
    const sandbox = await openSandbox();
    const { _id } = await register(sandbox);
    const put = (body: object) => sync(sandbox, sandbox.clientToken, _id, body);
    expect((await put(overrideWith('EXPIRED'))).status).toBe(409);
    await expect(sandbox.control.override(_id, ' ')).rejects.toThrow('status: expected');
    await sandbox.control.settings({ adminOverride: 'refused' });
    expect(await put(overrideWith('COMPLETED'))).toMatchObject({ status: 403, body: { code: 'access_denied' } });
  });
});
