import * as t from 'io-ts';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { ask, decodeBody, HOUR_MS, inventPerson, MINUTE_MS, openSandbox, register } from './vendor.js';

const ME = 'POST /app-registrations/me';
const DAY_MS = 24 * HOUR_MS;

const lifetimeOf = (token: string): number => {
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return (exp - iat) * 1000;
};

describe('tokens', () => {
  it('registration tokens expire after 120 minutes by the sandbox’s clock, and contain that time', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    expect(lifetimeOf(token)).toBe(120 * MINUTE_MS);
    await sandbox.control.advanceClock(119 * MINUTE_MS);
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    await sandbox.control.advanceClock(2 * MINUTE_MS);
    expect(await ask(sandbox, token, ME, {})).toMatchObject({ status: 401, body: { code: 'Unauthorized' } });
  });

  it('tokens from resend-link expire after 30 minutes, keep the previous one valid, and are emailed on request', async () => {
    const sandbox = await openSandbox();
    const person = inventPerson();
    const { _id, token } = await register(sandbox, person);
    const resend = (body: object) =>
      ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, body);
    const answer = await resend({ sendEmail: true });
    const Resent = t.type({
      data: t.type({ token: t.string, link: t.string, steps: t.UnknownRecord, emailSent: t.boolean }),
    });
    const { data } = decodeBody(Resent, answer);
    expect(lifetimeOf(data.token)).toBe(30 * MINUTE_MS);
    expect(data).toMatchObject({ emailSent: true, steps: { document: 'mandatory' } });
    expect(await sandbox.control.outbox({ email: person.email })).toMatchObject([{ link: data.link, kind: 'email' }]);
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    await resend({});
    expect(await sandbox.control.outbox({ appRegistrationId: _id })).toHaveLength(1);
  });

  it.each(['COMPLETED', 'completed', 'COMPLETED_WITHOUT_KYC', 'FAILED'])(
    'resend-link is refused for a registration that is %s',
    async (status) => {
      const sandbox = await openSandbox();
      const { _id } = await register(sandbox);
      await sandbox.control.setStatus(_id, status);
      const answer = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
      expect(answer).toMatchObject({ status: 409, body: { code: 'cannot_resend_link_for_this_status' } });
    },
  );

  it('a generation without resend-link responds with a plain 404 without an error code', async () => {
    const sandbox = await openSandbox({ settings: { resendLink: 'absent' } });
    const { _id } = await register(sandbox);
    const answer = await ask(sandbox, sandbox.clientToken, `POST /app-registrations/${_id}/resend-link`, {});
    expect(answer).toMatchObject({ status: 404, body: { statusCode: 404, error: 'Not Found' } });
  });

  it('client tokens expire after 30 days, and are renewed at the top level or under data until then', async () => {
    const sandbox = await openSandbox();
    expect(lifetimeOf(sandbox.clientToken)).toBe(30 * DAY_MS);
    const refresh = (token: string) => ask(sandbox, token, 'GET /auth/session?origin=refresh&expiresIn=1');
    await sandbox.control.advanceClock(29 * DAY_MS);
    const { accessToken } = decodeBody(
      t.type({ accessToken: t.string, tokenType: t.literal('bearer') }),
      await refresh(sandbox.clientToken),
    );
    await sandbox.control.settings({ sessionAnswer: 'data' });
    expect((await refresh(accessToken)).body).toMatchObject({ data: { accessToken: expect.any(String) } });
    await sandbox.control.advanceClock(2 * DAY_MS);
    expect((await refresh(sandbox.clientToken)).status).toBe(401);
    expect((await refresh(accessToken)).status).toBe(200);
  });

  it('client tokens and registration tokens do not authorise each other’s calls', async () => {
    const sandbox = await openSandbox();
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

  it('a token of one registration does not sync another', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const other = await register(sandbox, inventPerson(undefined, 1));
    const step = { step: 'end', status: 'COMPLETED' };
    expect((await ask(sandbox, token, `PUT /app-registrations/${other._id}/sync`, step)).status).toBe(403);
  });
});
