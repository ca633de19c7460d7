import { describe, expect, it } from 'vitest';
import type { KeyRing } from '../../codec/index.js';
import { writePayloads } from '../../codec-server/wire.js';
import { plain } from './payloads.js';
import { bearer, codecOf, run, UI } from './running.js';

const APPLICANT_TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
const PERSONAL = { fullName: 'Aspirante Año', contact: { email: 'aspirante@example.com', phone: '3001234567' } };

/** Texts that must appear neither in the clear nor in base64. */
const forms = (secret: string) => [secret, Buffer.from(secret).toString('base64').replace(/.=*$/, '')];

describe('the log and the errors of the codec server', () => {
  it('contain neither a credential nor anything of a payload', async () => {
    const server = await run();
    const web = await server.issuer.sign({ onboarding_role: 'masked' });
    const codec = await codecOf('2020-01');
    const lost = await codec.encode([plain({ ...PERSONAL, token: APPLICANT_TOKEN })]);
    const body = JSON.stringify(writePayloads([plain(PERSONAL)]));
    const answers = [
      await server.decode(`${server.operator}x`, lost),
      await server.decode(server.operator, lost),
      await server.decode(server.operator, lost, { origin: 'https://evil.example.com' }),
      await server.decode(web, lost, { 'x-namespace': 'Aspirante' }),
      await server.ask('POST /decode', { headers: bearer(server.operator), body: JSON.stringify(PERSONAL).slice(1) }),
      await server.ask('POST /decode', {
        headers: bearer(server.operator),
        body: body.replace('"data":"', '"data":"#'),
      }),
      await server.ask('POST /sign-in', { headers: { origin: UI }, body: JSON.stringify({ token: `${web}x` }) }),
      await server.ask('POST /sign-in', { body: JSON.stringify({ token: server.operator, more: PERSONAL }) }),
      await server.ask(`GET /nothing?token=${server.operator}`, {
        headers: { cookie: `codec-server=${server.masked}` },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 403, 403, 400, 400, 401, 400, 404]);
    await server.ask('POST /encode', { headers: bearer(server.operator), body });
    await server.ask('POST /sign-in', { body: JSON.stringify({ token: server.operator }) });
    expect(server.log()).toHaveLength(answers.length + 2);
    const written = JSON.stringify([server.log(), answers.map(({ text }) => text)]);
    const secrets = [server.operator, server.masked, web, web.split('.')[2] ?? '', APPLICANT_TOKEN];
    for (const secret of [...secrets, 'Aspirante', 'Año', 'aspirante@example.com', '3001234567'])
      for (const form of forms(secret)) expect(written).not.toContain(form);
  });

  it('show where the server failed, without the message', async () => {
    const keys: KeyRing = {
      current: () => {
        throw new TypeError(`cannot read Aspirante's ${APPLICANT_TOKEN}`);
      },
      find: async () => undefined,
    };
    const server = await run({ keys });
    const body = JSON.stringify(writePayloads([plain(PERSONAL)]));
    const { status, text } = await server.ask('POST /encode', { headers: bearer(server.operator), body });
    expect([status, JSON.parse(text)]).toEqual([
      500,
      { error: 'failed', message: 'The server failed; its log has the stack frames.' },
    ]);
    const [failed] = server.log();
    expect(failed).toMatchObject({ level: 'error', error: { name: 'TypeError', frames: expect.any(Array) } });
    expect(JSON.stringify(failed)).toContain('secrecy.test.ts');
    expect(JSON.stringify(server.log())).not.toContain('Aspirante');
  });

  it('come with metrics of requests and payloads', async () => {
    const server = await run();
    await server.decode(server.masked, [plain(1), plain(2)]);
    await server.decode('wrong', [plain(1)]);
    const text = await server.metrics.registry.metrics();
    expect(text).toContain('codec_server_requests_total{operation="decode",status="200",role="masked"} 1');
    expect(text).toContain('codec_server_requests_total{operation="decode",status="401",role="none"} 1');
    expect(text).toContain('codec_server_payloads_total{operation="decode"} 2');
  });
});
