import * as t from 'io-ts';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { ask, decodeBody, HOUR_MS, inventPerson, MINUTE_MS, openSandbox, register, sync } from './vendor.js';

const ME = 'POST /app-registrations/me';
const DAY_MS = 24 * HOUR_MS;

const clientLifetimeOf = (token: string): number => {
  const { exp = 0, iat = 0 } = decodeJwt(token);
  return (exp - iat) * 1000;
};

const Claims = t.type({ expiresAt: t.number, issuedAt: t.number, accessType: t.string, step: t.string });

const claimsOf = (token: string) => {
  const claims = decodeJwt(token);
  if (!Claims.is(claims)) throw new Error('The token has other claims.');
  return claims;
};

const lifetimeOf = (token: string): number => {
  const { expiresAt, issuedAt } = claimsOf(token);
  return (expiresAt - issuedAt) * 1000;
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
      data: t.type({
        token: t.string,
        link: t.string,
        steps: t.UnknownRecord,
        emailSent: t.UnknownRecord,
        expiresAt: t.string,
      }),
    });
    const { data } = decodeBody(Resent, answer);
    expect(lifetimeOf(data.token)).toBe(30 * MINUTE_MS);
    expect(data).toMatchObject({ emailSent: { sent: true, email: person.email }, steps: { document: 'mandatory' } });
    expect(claimsOf(data.token)).toMatchObject({ accessType: 'app_registration_initiated', step: 'signUpForm' });
    // The time has no zone, and is UTC.
    expect(Date.parse(`${data.expiresAt.replace(' ', 'T')}Z`)).toBe(claimsOf(data.token).expiresAt * 1_000);
    expect(await sandbox.control.outbox({ email: person.email })).toMatchObject([{ link: data.link, kind: 'email' }]);
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    expect((await resend({})).body).toMatchObject({ data: { emailSent: null } });
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
    expect(clientLifetimeOf(sandbox.clientToken)).toBe(30 * DAY_MS);
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

  it.each([
    ['expiresAt', { expiresAt: expect.any(Number) }],
    ['expiresAtMs', { expiresAt: expect.any(Number) }],
    ['expiresAtText', { expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) }],
    ['exp', { exp: expect.any(Number) }],
  ] as const)('registration tokens contain their expiry as %s, and expire then', async (tokenClaims, claims) => {
    const sandbox = await openSandbox({ settings: { tokenClaims } });
    const { token } = await register(sandbox);
    expect(decodeJwt(token)).toMatchObject({ ...claims, accessType: 'app_registration_created' });
    expect('exp' in decodeJwt(token)).toBe(tokenClaims === 'exp');
    expect((await ask(sandbox, token, ME, {})).status).toBe(200);
    await sandbox.control.advanceClock(121 * MINUTE_MS);
    expect((await ask(sandbox, token, ME, {})).status).toBe(401);
  });

  it('sendEmail is refused for a registration without an email', async () => {
    const sandbox = await openSandbox();
    const { _id } = await register(sandbox, inventPerson(), { email: undefined });
    const call = `POST /app-registrations/${_id}/resend-link`;
    expect(await ask(sandbox, sandbox.clientToken, call, { sendEmail: 'true' })).toMatchObject({
      status: 409,
      body: { code: 'MissingParameter' },
    });
    expect((await sandbox.control.ledger()).resendLinks).toBe(0);
  });

  it('the end issues a login token, which authorises no call of the API', async () => {
    const sandbox = await openSandbox({ settings: { mandatory: [] } });
    const { _id, token } = await register(sandbox);
    const answer = await sync(sandbox, token, _id, { step: 'end', status: 'COMPLETED' });
    const { data } = decodeBody(t.type({ data: t.type({ token: t.string }) }), answer);
    expect(data.token).not.toBe(token);
    expect((await ask(sandbox, data.token, ME, {})).status).toBe(401);
  });

  it('a token of one registration does not sync another', async () => {
    const sandbox = await openSandbox();
    const { token } = await register(sandbox);
    const other = await register(sandbox, inventPerson(undefined, 1));
    const step = { step: 'end', status: 'COMPLETED' };
    expect((await ask(sandbox, token, `PUT /app-registrations/${other._id}/sync`, step)).status).toBe(403);
  });
});
