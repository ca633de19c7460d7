import { createServer } from 'node:http';
import * as t from 'io-ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createApplicant } from '../../../tools/sandbox/index.js';
import { ask, decodeBody, inventPerson, openSandbox, readRegistration, register, uploadImages } from './vendor.js';

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const verified = async (settings = {}) => {
  const sandbox = await openSandbox({ settings });
  const { _id, token } = await register(sandbox);
  for await (const _step of createApplicant({ url: sandbox.url, token }).goThrough());
  const asClient = (call: string, body?: unknown) => ask(sandbox, sandbox.clientToken, call, body);
  const { data } = decodeBody(
    t.type({ data: t.record(t.string, t.unknown) }),
    await asClient(`GET /app-registrations/${_id}`),
  );
  return { sandbox, _id, token, asClient, ids: data };
};

describe('the calls of Verifik’s panel', () => {
  it('the panel looks names up, decides about them, compares faces again and checks the background', async () => {
    const { _id, asClient, ids } = await verified();
    const document = `/document-validations/${ids['documentValidation']}`;
    expect((await asClient(`PUT ${document}/validate`, { force: true })).body).toMatchObject({
      data: { namesMatch: true, scoreValidated: true, imageValidated: true },
    });
    const review = { decision: 'mismatch', note: 'another name' };
    expect((await asClient(`PUT ${document}/manual-name-review`, review)).body).toMatchObject({
      data: { manualNameReview: review },
    });
    expect((await asClient(`POST /app-registrations/${_id}/rerun-compare`, {})).body).toMatchObject({
      data: { compareFaceVerification: { result: { passed: true } } },
    });
    const information = `/information-validations/${ids['informationValidation']}`;
    expect((await asClient(`PUT ${information}/background-check`, {})).status).toBe(200);
    expect((await asClient(`PUT /information-validations/${_id}/background-check`, {})).status).toBe(404);
  });

  it('a decision about a name lasts in a population, and faces are compared only with document and selfie', async () => {
    const { sandbox, asClient } = await verified();
    await sandbox.control.population({ count: 1 });
    const id = (await sandbox.control.ids()).at(-1) ?? '';
    const { documentValidation } = await readRegistration(sandbox, id);
    const { _id } = t.type({ _id: t.string }).is(documentValidation) ? documentValidation : { _id: '' };
    await asClient(`PUT /document-validations/${_id}/manual-name-review`, { decision: 'match' });
    expect((await asClient(`GET /document-validations/${_id}`)).body).toMatchObject({
      data: { manualNameReview: { decision: 'match' }, documentData: { documentNumber: expect.any(String) } },
    });
    await asClient(`DELETE /document-validations/${_id}`);
    expect((await asClient(`POST /app-registrations/${id}/rerun-compare`, {})).status).toBe(409);
  });

  it('the statistics count statuses, steps and failures', async () => {
    const { sandbox, asClient } = await verified();
    const { token } = await register(sandbox, inventPerson('document-document_type_not_detected+biometric-failed', 1));
    await uploadImages(sandbox, token);
    expect((await asClient(`GET /app-registrations/statistics?project=${sandbox.project}&funnel=true`)).body).toEqual({
      data: {
        funnel: {
          total: 2,
          byStatus: [
            { label: 'completed', count: 1 },
            { label: 'new', count: 1 },
          ],
          byCurrentStep: [
            { label: 'end', count: 1 },
            { label: '1', count: 1 },
          ],
          documentFailures: [{ label: 'document_type_not_detected', count: 1 }],
          livenessFailures: [{ label: 'liveness_failed', count: 1 }],
        },
      },
    });
  });

  it('the list filters by parts of contacts, by time and by step, and sorts', async () => {
    const { sandbox, _id, asClient } = await verified();
    const other = await register(sandbox, inventPerson(undefined, 1));
    const find = async (query: Readonly<Record<string, string>>) => {
      const answer = await asClient(`GET /app-registrations?${new URLSearchParams(query)}`);
      return decodeBody(t.type({ data: t.array(t.type({ _id: t.string })) }), answer).data.map((one) => one._id);
    };
    const { email, phone, fullName } = inventPerson(undefined, 1);
    expect(await find({ '?like_email': email.slice(0, 8).toUpperCase() })).toEqual([other._id]);
    expect(await find({ '?like_phone': phone.slice(2, 8), '?like_name': 'nobody' })).toEqual([other._id]);
    expect(await find({ '?like_name': fullName })).toEqual([other._id]);
    expect(await find({ where_currentStep: 'end' })).toEqual([_id]);
    expect(await find({ whereGTE_createdAt: '2000-01-01T00:00:00.000Z', perPage: '1' })).toHaveLength(1);
    expect(await find({ whereLTE_createdAt: '2000-01-01T00:00:00.000Z' })).toEqual([]);
    const ids = await find({});
    expect(new Set(await find({ sort: '-createdAt' }))).toEqual(new Set(ids));
  });

  it('the setting panelCalls refuses undocumented calls and filters', async () => {
    const { _id, asClient } = await verified({ panelCalls: 'refused' });
    const calls = [
      'GET /webhook-events',
      'GET /app-registrations/statistics',
      'GET /app-registrations?perPage=5',
      `GET /app-registrations?${new URLSearchParams({ '?like_email': 'a' })}`,
      `POST /app-registrations/${_id}/rerun-compare`,
      `DELETE /app-registrations/${_id}`,
    ];
    for (const call of calls)
      expect(await asClient(call, call.startsWith('POST') ? {} : undefined), call).toMatchObject({ status: 403 });
    expect((await asClient('GET /app-registrations?limit=5')).status).toBe(200);
  });
});

describe('deletion', () => {
  it('documents, selfies and persons are deleted with the face comparison, and registrations completely', async () => {
    const { sandbox, _id, asClient, ids } = await verified();
    const { documentValidation, biometricValidation, person } = ids;
    expect((await asClient(`DELETE /document-validations/${documentValidation}`)).body).toMatchObject({
      success: true,
    });
    expect((await asClient(`DELETE /document-validations/${documentValidation}`)).status).toBe(404);
    expect((await asClient(`DELETE /biometric-validations/${biometricValidation}`)).status).toBe(200);
    expect((await asClient(`DELETE /face-recognition/persons/${person}`)).status).toBe(404);
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      documentValidation: null,
      biometricValidation: null,
      person: null,
      compareFaceVerification: null,
    });
    expect((await asClient(`DELETE /app-registrations/${_id}`)).status).toBe(200);
    expect((await asClient(`GET /app-registrations/${_id}`)).status).toBe(404);
  });
});

describe('the log of webhooks', () => {
  it('the log shows the result of each delivery, and sends events again', async () => {
    let status = 500;
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.writeHead(status).end());
    });
    stops.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const sandbox = await openSandbox({ settings: { webhookUrl: `http://127.0.0.1:${port}/hook?secret=1` } });
    const { _id } = await register(sandbox);
    const asClient = (call: string, body?: unknown) => ask(sandbox, sandbox.clientToken, call, body);
    const failed = new URLSearchParams({ where_appRegistration: _id, 'where_response.status': 'fail' });
    const Events = t.type({ data: t.array(t.type({ _id: t.string })), total: t.number });
    const count = async () => decodeBody(Events, await asClient(`GET /webhook-events?${failed}`)).total;
    await expect.poll(count).toBe(1);
    const [event] = decodeBody(Events, await asClient(`GET /webhook-events?${failed}`)).data;
    await expect.poll(() => bodies.length).toBe(3);
    status = 204;
    await asClient(`PUT /webhook-events/${event?._id}/resend`, { allSameEvents: true });
    await expect.poll(count).toBe(0);
    expect(new Set(bodies).size).toBe(1);
    expect((await asClient(`PUT /webhook-events/${_id}/resend`, {})).status).toBe(404);
  });
});
