import * as t from 'io-ts';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { as, ask, begin, HOUR_MS, MINUTE_MS, register, somebody } from './vendor.js';

const ME = 'POST /app-registrations/me';
const DAY_MS = 24 * HOUR_MS;

const lifetimeOf = (token: string): number => {
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return (exp - iat) * 1000;
};

describe('tokens', () => {
  it('of a registration live for 120 minutes by the sandbox’s clock, and say so themselves', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    expect(lifetimeOf(token)).toBe(120 * MINUTE_MS);
    await sandbox.control.advanceClock(119 * MINUTE_MS);
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    await sandbox.control.advanceClock(2 * MINUTE_MS);
    expect(await ask(sandbox, token, ME, {})).toMatchObject({ status: 401, body: { code: 'Unauthorized' } });
  });

  it('from resend-link live for 30 minutes, leave the former one valid, and go out by email where asked', async () => {
    const sandbox = await begin();
    const person = somebody();
    const { _id, token } = await register(sandbox, person);
    const resend = (body: object) =>
      ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, body);
    const answer = await resend({ sendEmail: true });
    const Resent = t.type({
      data: t.type({ token: t.string, link: t.string, steps: t.UnknownRecord, emailSent: t.boolean }),
    });
    const { data } = as(Resent, answer);
    expect(lifetimeOf(data.token)).toBe(30 * MINUTE_MS);
    expect(data).toMatchObject({ emailSent: true, steps: { document: 'mandatory' } });
    expect(await sandbox.control.outbox({ email: person.email })).toMatchObject([{ link: data.link, kind: 'email' }]);
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    await resend({});
    expect(await sandbox.control.outbox({ appRegistrationId: _id })).toHaveLength(1);
  });

  it.each(['COMPLETED', 'completed', 'COMPLETED_WITHOUT_KYC', 'FAILED'])(
    'are not resent once it is %s',
    async (status) => {
      const sandbox = await begin();
      const { _id } = await register(sandbox);
      await sandbox.control.setStatus(_id, status);
      const answer = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
      expect(answer).toMatchObject({ status: 409, body: { code: 'cannot_resend_link_for_this_status' } });
    },
  );

  it('cannot be resent by a generation that has no resend-link: a plain 404, without a code word', async () => {
    const sandbox = await begin({ settings: { resendLink: 'absent' } });
    const { _id } = await register(sandbox);
    const answer = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
    expect(answer).toMatchObject({ status: 404, body: { statusCode: 404, error: 'Not Found' } });
  });

  it('of the client live for 30 days and are renewed at the top level or under data, until they have run out', async () => {
    const sandbox = await begin();
    expect(lifetimeOf(sandbox.clientToken)).toBe(30 * DAY_MS);
    const refresh = (token: string) => ask(sandbox, token, 'GET /auth/session?origin=refresh&expiresIn=1');
    await sandbox.control.advanceClock(29 * DAY_MS);
    const { accessToken } = as(
      t.type({ accessToken: t.string, tokenType: t.literal('bearer') }),
      await refresh(sandbox.clientToken),
    );
    await sandbox.control.settings({ sessionAnswer: 'data' });
    expect((await refresh(accessToken)).body).toMatchObject({ data: { accessToken: expect.any(String) } });
    await sandbox.control.advanceClock(2 * DAY_MS);
    expect((await refresh(sandbox.clientToken)).status).toBe(401);
    expect((await refresh(accessToken)).status).toBe(200);
  });

  it('of one kind open none of the other’s doors', async () => {
    const sandbox = await begin();
    const { _id, token } = await register(sandbox);
    const forClients = [
      'POST /app-registrations',
      `GET /app-registrations/${_id}`,
      'GET /app-registrations',
      `POST /app-registrations/${_id}/resend-link`,
      'GET /auth/session?origin=refresh',
    ];
    const forApplicants = [
      ME,
      `PUT /app-registrations/${_id}/sync`,
      'POST /email-validations',
      'POST /email-validations/app-registration',
      'POST /email-validations/validate',
      `PUT /email-validations/${_id}`,
      'POST /phone-validations',
      'POST /phone-validations/app-registration',
      'POST /phone-validations/validate',
      'PUT /phone-validations',
      'POST /document-validations/app-registration',
      'POST /biometric-validations/app-registration',
      'POST /face-recognition/compare/app-registration',
    ];
    const body = (call: string) => (call.startsWith('GET') ? undefined : {});
    for (const call of forClients) expect((await ask(sandbox, token, call, body(call))).status, call).toBe(403);
    for (const call of forApplicants)
      expect((await ask(sandbox, sandbox.clientToken, call, body(call))).status, call).toBe(403);
    for (const call of [...forClients, ...forApplicants])
      expect((await ask(sandbox, `${token.slice(0, -4)}AAAA`, call, body(call))).status, call).toBe(401);
  });

  it('of one registration do not sync another', async () => {
    const sandbox = await begin();
    const { token } = await register(sandbox);
    const other = await register(sandbox, somebody(undefined, 1));
    const step = { step: 'end', status: 'COMPLETED' };
    expect((await ask(sandbox, token, `PUT /app-registrations/${other._id}/sync`, step)).status).toBe(403);
  });
});
