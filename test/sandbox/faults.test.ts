import { createServer, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Fault, Sandbox } from '../../sandbox/index.js';
import { applicantOf, CREATE, call, create, open, opened } from './setting.js';

describe('a fault', () => {
  const faulty = async (fault: Partial<Fault>) => {
    const sandbox = await open({ faults: [{ match: CREATE, kind: 'status', ...fault }] });
    const answer = await create(sandbox).catch((error: unknown) => error);
    return { sandbox, answer, ledger: await sandbox.control.ledger() };
  };

  it('of status answers with it before any effect, with Retry-After where that is asked for', async () => {
    const { answer, ledger } = await faulty({ status: 429, retryAfter: '7' });
    expect(answer).toMatchObject({ status: 429 });
    expect(answer).toHaveProperty('headers');
    expect(ledger.registrationsCreated).toBe(0);
  });

  it('of a lost answer has its effect, and a reset has none', async () => {
    const lost = await faulty({ kind: 'lostAnswer' });
    expect(lost.answer).toBeInstanceOf(TypeError);
    expect(lost.ledger).toMatchObject({ registrationsCreated: 1, credits: 1 });
    const reset = await faulty({ kind: 'reset' });
    expect(reset.answer).toBeInstanceOf(TypeError);
    expect(reset.ledger).toMatchObject({ registrationsCreated: 0, credits: 0 });
  });

  it.each(['cutBody', 'nonJson', 'empty'] as const)('of kind %s gives no JSON', async (kind) => {
    expect((await faulty({ kind })).answer).not.toMatchObject({ body: { data: expect.anything() } });
  });

  it('holds as often as it is told, after as many calls as it is told, and for the same seed at the same calls', async () => {
    const statuses = async (fault: Partial<Fault>) => {
      const sandbox = await open({ seed: 5, faults: [{ match: '*', kind: 'status', ...fault }] });
      const seen = [];
      for (let n = 0; n < 12; n += 1) seen.push((await call(sandbox, 'GET', '/app-registrations')).status);
      return seen;
    };
    expect(await statuses({ after: 2, times: 1 })).toEqual([200, 200, 503, ...Array(9).fill(200)]);
    const first = await statuses({ rate: 0.5 });
    expect(new Set(first).size).toBe(2);
    expect(await statuses({ rate: 0.5 })).toEqual(first);
  });

  it('that is misspelt is refused with what was expected', async () => {
    const sandbox = await open();
    const response = await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ match: '*', kind: 'earthquake' }]),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('kind: expected latency or status');
    await expect(sandbox.control.settings({ webhookLossRate: 7 })).rejects.toThrow(
      'webhookLossRate: expected a number from 0 to 1',
    );
  });
});

describe('webhooks', () => {
  const listen = async () => {
    const heard: { type: string; object: Record<string, unknown> }[] = [];
    const server = createServer(async (request: IncomingMessage, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      heard.push(JSON.parse(text));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => new Promise((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { heard, url: `http://127.0.0.1:${port}/hook` };
  };

  const goThrough = async (sandbox: Sandbox) => {
    const { token } = (await create(sandbox)).body.data;
    const device = applicantOf(sandbox, token);
    for (const check of ['email', 'phone', 'document', 'biometric'] as const) await device.pass(check);
    await device.finish();
    await sandbox.control.flushWebhooks();
  };

  it('tell each step, without codes, as often and in whatever order they are told to', async () => {
    const { heard, url } = await listen();
    const sandbox = await open({ settings: { webhookUrl: url, webhookCopies: 2, webhookShuffle: 8 } });
    await goThrough(sandbox);
    await expect.poll(() => heard.length).toBe(24);
    const types = heard.map(({ type }) => type);
    expect(new Set(types)).toEqual(
      new Set([
        'onboarding_app_registration_created',
        'onboarding_email_validation_created',
        'onboarding_email_validation_sent',
        'onboarding_email_validation_validated',
        'onboarding_phone_validation_created',
        'onboarding_phone_validation_sent',
        'onboarding_phone_validation_validated',
        'onboarding_document_validation_created',
        'onboarding_biometric_validation_new',
        'onboarding_biometric_validation_validated',
        'onboarding_app_registration_sync_end',
        'onboarding_app_registration_completed',
      ]),
    );
    for (const { otp = '' } of await sandbox.control.outbox()) expect(JSON.stringify(heard)).not.toContain(`"${otp}"`);
  });

  it('are lost and forged as often as they are told to be', async () => {
    const { heard, url } = await listen();
    const sandbox = await open({ settings: { webhookUrl: url, webhookLossRate: 1, webhookForgeryRate: 1 } });
    await create(sandbox);
    await expect
      .poll(() => heard)
      .toMatchObject([{ type: 'onboarding_app_registration_completed', object: { status: 'COMPLETED' } }]);
  });
});
