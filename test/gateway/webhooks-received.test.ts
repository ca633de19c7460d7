import { createServer, type Socket } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onboardingDataConverter } from '../../client/index.js';
import { ReportRouter } from '../../client/reports.js';
import type { AnyReport } from '../../contract/messages.js';
import type { Route } from '../../contract/report-routing.js';
import { freePort } from '../../tools/servers/index.js';
import { type Receiving, sha256, startReceiving } from './receiving.js';

const ID = '65f0a1b2c3d4e5f601234501';
const PERSON = {
  email: 'Canary.Of.The.Test@example.com',
  phone: '3009876543',
  countryCode: '+57',
  fullName: 'The Canary',
};
const COMPLETED = JSON.stringify({ type: 'onboarding_app_registration_completed', object: { _id: ID } });

/** The delivered reports. */
let handed: { readonly report: AnyReport; readonly routes: readonly Route[] }[] = [];
let receiving: Receiving;

beforeAll(async () => {
  receiving = await startReceiving({
    deliver: async (report, routes) => {
      handed.push({ report, routes });
      return 'delivered';
    },
  });
});

afterEach(() => {
  handed = [];
  receiving.writeSecrets([{ name: 'verifik', sha256: sha256(receiving.secret) }]);
});

afterAll(() => receiving.close());

const withHeader = (secret: string, body = COMPLETED) =>
  receiving.post('/webhooks/verifik', body, { 'content-type': 'application/json', 'x-webhook-secret': secret });

describe('a webhook', () => {
  it('is accepted with the secret in the path or the header', async () => {
    expect(await receiving.send('app_registration_completed', { _id: ID })).toMatchObject({
      status: 200,
      body: { result: 'delivered' },
    });
    expect(await withHeader(receiving.secret)).toMatchObject({ status: 200, body: { result: 'delivered' } });
    expect(handed).toHaveLength(2);
  });

  it('without a valid secret is rejected before its body is read', async () => {
    const huge = `{"type": "${'x'.repeat(1_000_000)}`;
    const refused = { status: 401, body: { code: 'unauthenticated' } };
    expect(await receiving.post('/webhooks/verifik', huge)).toMatchObject(refused);
    expect(await receiving.post('/webhooks/verifik/guessed', huge)).toMatchObject(refused);
    expect(await withHeader('guessed')).toMatchObject(refused);
    expect(await withHeader('')).toMatchObject(refused);
    expect(handed).toEqual([]);
  });

  it('is accepted with either secret during a rotation, without a restart', async () => {
    const next = 'the-next-secret-of-the-test';
    const [former, latter] = [
      { name: 'former', sha256: sha256(receiving.secret) },
      { name: 'latter', sha256: sha256(next) },
    ];
    expect(await withHeader(next)).toMatchObject({ status: 401 });
    receiving.writeSecrets([former, latter]);
    expect(await withHeader(next)).toMatchObject({ status: 200 });
    expect(await withHeader(receiving.secret)).toMatchObject({ status: 200 });
    receiving.writeSecrets([latter]);
    expect(await withHeader(receiving.secret)).toMatchObject({ status: 401 });
    expect(await withHeader(next)).toMatchObject({ status: 200 });
    // The metric shows which secret Verifik still uses.
    expect(await receiving.metrics()).toMatch(
      /event="app_registration_completed",result="delivered",secret="former"} 1/,
    );
    expect(await receiving.metrics()).toMatch(
      /event="app_registration_completed",result="delivered",secret="latter"} 2/,
    );
  });

  it('is rejected while the file of secrets is wrong', async () => {
    receiving.writeSecrets([{ name: 'verifik', sha256: receiving.secret }]);
    expect(await withHeader(receiving.secret)).toMatchObject({ status: 401 });
    expect(receiving.log()).toContain('0.sha256: expected a SHA-256');
  });

  it('that is too large, not JSON or malformed is rejected, and the response names the wrong field', async () => {
    const path = `/webhooks/verifik/${receiving.secret}`;
    const large = JSON.stringify({
      type: 'onboarding_app_registration_completed',
      object: { _id: 'x'.repeat(262_144) },
    });
    expect(await receiving.post(path, large)).toMatchObject({ status: 413 });
    expect(await receiving.post(path, COMPLETED, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await receiving.post(path, '{"type": ')).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(
      await receiving.post(path, new Uint8Array(Buffer.from(`${COMPLETED.slice(0, -1)},"ñ":1}`, 'latin1'))),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ field: '(root)', in: 'body', expected: 'UTF-8' }] },
    });
    expect(await receiving.send('email_validation_failed', { _id: 'not an id' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'object._id', in: 'body', expected: expect.stringContaining('an id') }] },
    });
    expect(handed).toEqual([]);
  });

  it('without a report is acknowledged, so that it is not sent again', async () => {
    expect(await receiving.send('app_registration_sync_document', { _id: ID })).toMatchObject({
      status: 200,
      body: { result: 'nothing' },
    });
    expect(await receiving.send('app_registration_teleported', { _id: ID })).toMatchObject({
      status: 200,
      body: { result: 'unknown' },
    });
    expect(handed).toEqual([]);
    const metrics = await receiving.metrics();
    expect(metrics).toContain('event="app_registration_sync_document",result="nothing"');
    expect(metrics).toContain('event="unknown",result="unknown"');
    expect(metrics).not.toContain('teleported');
  });

  it('leaves no personal data and no secret: the contact is passed on as contact keys', async () => {
    for (const suffix of ['email_validation_validated', 'phone_validation_failed'])
      await receiving.send(suffix, { _id: ID, ...PERSON, project: ID, projectFlow: ID });
    await receiving.send('email_validation_failed', { _id: PERSON.email, ...PERSON });
    expect(handed.map(({ routes }) => routes.map(({ by }) => by))).toEqual([
      ['validation', 'contact'],
      ['validation', 'contact'],
    ]);
    const left = JSON.stringify(handed) + receiving.log() + (await receiving.metrics());
    for (const value of [...Object.values(PERSON), PERSON.email.toLowerCase(), receiving.secret])
      if (value !== PERSON.countryCode) expect(left).not.toContain(value);
    expect(receiving.log()).toContain('POST /webhooks/verifik/:secret');
  });
});

describe('while Temporal does not answer', () => {
  const routerTo = async (address: string): Promise<ReportRouter> => {
    const connection = Connection.lazy({ address });
    return new ReportRouter(new Client({ connection, dataConverter: await onboardingDataConverter() }));
  };

  const sentTo = async (address: string) => {
    const other = await startReceiving(await routerTo(address));
    try {
      return [
        await other.send('app_registration_failed', { _id: ID }),
        await other.send('app_registration_failed', { _id: ID }),
        await other.metrics(),
      ] as const;
    } finally {
      await other.close();
    }
  };

  it('a webhook is answered within a second with 503', async () => {
    const sockets = new Set<Socket>();
    const hanging = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    const port = await freePort();
    await new Promise<void>((resolve) => void hanging.listen(port, '127.0.0.1', resolve));
    const answers = await sentTo(`127.0.0.1:${port}`);
    for (const socket of sockets) socket.destroy();
    hanging.close();
    const gone = await sentTo(`127.0.0.1:${port}`);
    for (const [first, second, metrics] of [answers, gone]) {
      for (const answer of [first, second]) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        expect(answer.headers.get('retry-after')).toBe('1');
        // Leaves time for a busy machine. Without the time limit, the call to Temporal would take ten seconds.
        expect(answer.ms).toBeLessThan(8_000);
      }
      expect(Math.min(first.ms, second.ms)).toBeLessThan(3_000);
      expect(metrics).toContain('event="app_registration_failed",result="unavailable",secret="verifik"} 2');
    }
  });
});
