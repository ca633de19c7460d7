import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANGES } from '../../domain/changes.js';
import { decodeRequest } from '../../domain/request.js';
import { AgainFields, ClaimFields, ReviewFields } from '../../domain/review/requests.js';
import { PROBLEMS, type ProblemCode } from '../../gateway/problems.js';
import { OnboardingPath, StartHeaders } from '../../gateway/schemas/ids.js';
import { ReRegistrationBody, StartBody } from '../../gateway/schemas/onboarding.js';
import { jsonSchemaOf } from '../../shared/json-schema.js';
import { type RunningGateway, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

const VALID: readonly (readonly [string, t.Any, unknown])[] = [
  [
    'a start',
    StartBody,
    {
      reference: 'customer-4711',
      restart: true,
      project: 'p',
      projectFlow: 'f',
      contact: { email: 'applicant@example.com', phone: '3001234567', countryCode: '+57' },
      fullName: 'The Applicant',
      language: 'es',
      appRegistrationId: '65f0a1b2c3d4e5f601234500',
      policy: {
        required: ['email', 'document'],
        attemptLimits: { email: 20, document: 1 },
        deadlineMs: 60_000,
        reminders: { afterMs: 60_000, max: 0 },
        reconcile: { firstMs: 10_000, maxMs: 10_000 },
        verifiedForMs: 3_600_000,
      },
    },
  ],
  ['a re-registration', ReRegistrationBody, { contact: { email: 'applicant@example.com' }, reason: 'moved' }],
  ['a review', ReviewFields, { decision: 'approve', reviewer: 'reviewer-7', check: 'email', note: 'seen on a call' }],
  ['a repetition', AgainFields, { checks: ['document'], reviewer: 'reviewer-7', reason: 'blurred', force: true }],
  ['a claim', ClaimFields, { reviewer: 'reviewer-7', forMs: 60_000 }],
  ['a path', OnboardingPath, { id: 'customer-4711' }],
  ['headers', StartHeaders, { 'idempotency-key': 'key-1' }],
];

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Texts at the limits of validation: empty, blank, long, with characters of two bytes and of two UTF-16 units. */
const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '',
    ' ',
    '\n',
    'p\n',
    '\u00a0',
    '\ufeff',
    'x'.repeat(200),
    'x'.repeat(201),
    '😀'.repeat(200),
    '😀'.repeat(201),
  ),
  fc.constantFrom(
    'a'.repeat(64),
    'a'.repeat(65),
    'a'.repeat(128),
    'a'.repeat(129),
    '.',
    'a:b',
    'x@y.zz',
    '+1',
    '12345',
    'en-US',
  ),
);

const leaf: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.integer(),
  fc.constantFrom(0, 1, 1.5, 20, 21, 59_999, 60_000, 1e21, Number.MAX_SAFE_INTEGER + 1),
  fc.boolean(),
  fc.constant(null),
);

const undecodable: fc.Arbitrary<Json> = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('email', 'x'), leaf),
);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces, removes or adds one value at any depth. */
const changed = (value: unknown): fc.Arbitrary<unknown> => {
  const inside = isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) => {
        const { [key]: _, ...rest } = value;
        return [changed(inner).map((other) => ({ ...value, [key]: other })), fc.constant(rest)];
      })
    : Array.isArray(value)
      ? [
          ...value.map((inner, index) => changed(inner).map((other) => value.with(index, other))),
          undecodable.map((more) => [...value, more]),
        ]
      : [];
  const added = isObject(value)
    ? [
        fc
          .tuple(fc.constantFrom('x', 'toString', 'email'), undecodable)
          .map(([key, more]) => ({ ...value, [key]: more })),
      ]
    : [];
  return fc.oneof(undecodable, ...inside, ...added);
};

const validatorOf = (app: FastifyInstance, schema: object): Promise<(value: unknown) => boolean> =>
  new Promise((resolve) => {
    app.get('/', async (request) => {
      const validate = request.compileValidationSchema(schema);
      resolve((value) => validate(value) === true);
    });
    void app.inject('/');
  });

describe('the JSON Schema of the document', () => {
  it.each(VALID)('accepts and rejects the same values as the gateway: %s', async (_what, codec, valid) => {
    const app = Fastify({
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false } },
    });
    const isTaken = await validatorOf(app, jsonSchemaOf(codec));
    expect([isTaken(valid), codec.is(valid)]).toEqual([true, true]);
    let taken = 0;
    fc.assert(
      fc.property(
        changed(valid).chain((once) => fc.oneof(fc.constant(once), changed(once))),
        (value) => {
          // A JSON round trip removes values that JSON does not have.
          const sent: unknown = JSON.parse(JSON.stringify(value));
          expect(isTaken(sent)).toBe(codec.decode(sent)._tag === 'Right');
          taken += isTaken(sent) ? 1 : 0;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(20);
    await app.close();
  });

  it('cannot be made for a codec without constraints', () => {
    const silent = new t.Type<string>('silent', t.string.is, t.string.validate, t.identity);
    expect(() => jsonSchemaOf(silent)).toThrow('silent');
  });
});

describe('the OpenAPI document', () => {
  let alone: TemporalAlone;
  let gateway: RunningGateway;

  beforeAll(async () => {
    alone = await openTemporal();
    const webhooks = {
      secrets: { nameOf: async () => undefined },
      reports: { deliver: async () => 'delivered' as const },
      contactKeys: () => [],
    };
    gateway = await runGateway({ temporal: alone.temporal, webhooks });
  });

  afterAll(async () => {
    await gateway?.close();
    await alone?.close();
  });

  const Parts = t.record(t.string, t.record(t.string, t.UnknownRecord));
  const Document = t.type({
    openapi: t.string,
    paths: Parts,
    webhooks: Parts,
    components: t.type({ schemas: t.UnknownRecord }),
  });

  const read = async () => {
    const { body } = await gateway.ask('GET /openapi.json', { key: '' });
    if (!Document.is(body)) throw new Error('no document');
    const operationsOf = (paths: t.TypeOf<typeof Parts>) =>
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation })),
      );
    const operations = operationsOf(body.paths).filter(({ call }) => !call.includes('/webhooks/'));
    const all = [...operationsOf(body.paths), ...operationsOf(body.webhooks)];
    return { document: body, operations, all };
  };

  it('describes every call with its summary, its scope and its responses', async () => {
    const { document, operations } = await read();
    expect(document.openapi).toBe('3.1.1');
    expect(operations.map(({ call }) => call).sort()).toEqual([
      'DELETE /v1/onboardings/{id}',
      'GET /v1/funnel',
      'GET /v1/onboardings',
      'GET /v1/onboardings/{id}',
      'GET /v1/onboardings/{id}/applicant',
      'GET /v1/onboardings/{id}/events',
      'GET /v1/onboardings/{id}/events/stream',
      'GET /v1/onboardings/{id}/evidence',
      'GET /v1/onboardings/{id}/result',
      'GET /v1/reviews',
      'POST /v1/onboardings',
      'POST /v1/onboardings/{id}/events/{sequence}/replay',
      'POST /v1/onboardings/{id}/re-registration',
      'POST /v1/onboardings/{id}/review',
      'POST /v1/onboardings/{id}/review/again',
      'POST /v1/onboardings/{id}/review/claim',
      'POST /v1/onboardings/{id}/review/release',
      'POST /v1/onboardings/{id}/token',
      'POST /v1/onboardings/{id}/withdrawal',
    ]);
    for (const { operation } of operations) {
      expect(operation).toMatchObject({
        operationId: expect.any(String),
        summary: expect.any(String),
        security: [{ apiKey: [] }],
      });
      const responses = Object.entries(Object(operation['responses']));
      expect(responses.some(([status]) => status.startsWith('2'))).toBe(true);
      for (const [status, response] of responses) {
        const type = Number(status) < 300 ? /^(application\/json|text\/event-stream)$/ : /^application\/problem\+json$/;
        const { content, headers } = Object(response);
        if (status === '304') {
          expect([content, Object.keys(headers)]).toEqual([undefined, ['x-request-id', 'etag']]);
          continue;
        }
        expect(Object.keys(content)).toEqual([expect.stringMatching(type)]);
      }
    }
  });

  it('lists the problems of each call, and `Retry-After`', async () => {
    const { operations } = await read();
    const start = operations.find(({ call }) => call === 'POST /v1/onboardings');
    const responses: Record<string, { description: string; headers: object }> = Object(start?.operation['responses']);
    const expected: readonly ProblemCode[] = [
      'unauthenticated',
      'scope',
      'requestMismatch',
      'alreadyEnded',
      'invalidRequest',
      'tooLarge',
      'tooManyRequests',
      'timedOut',
    ];
    for (const code of expected)
      expect(responses[PROBLEMS[code].status]?.description).toContain(PROBLEMS[code].meaning);
    for (const status of ['429', '503', '504']) expect(responses[status]?.headers).toHaveProperty('retry-after');
  });

  it('is valid, has no dangling reference, and names every operation once', async () => {
    const { document, all } = await read();
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name = ''] of references) expect(document.components.schemas).toHaveProperty(name);
    const ids = all.map(({ operation }) => operation['operationId']);
    expect(ids.every((id) => typeof id === 'string' && /^[a-z][A-Za-z]+$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names what generated clients share: each request, and the codes that several schemas have', async () => {
    const { document, operations } = await read();
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    for (const { operation } of operations.filter(({ operation }) => 'requestBody' in operation))
      expect(operation['requestBody']).toMatchObject({
        content: { 'application/json': { schema: { $ref: expect.stringMatching(/Request$/) } } },
      });
    expect(document.components.schemas).toMatchObject({
      Result: {
        properties: { outcome: ref('Outcome'), check: ref('CheckName') },
        required: expect.arrayContaining(['id', 'outcome', 'policy']),
      },
      Onboarding: { properties: { pending: { items: ref('CheckName') } } },
      ReviewDecisionRequest: {
        properties: {
          check: { allOf: [ref('CheckName')], description: expect.stringContaining('The check to decide') },
        },
      },
    });
  });

  it('describes each event by a schema of its own, as a callback and in lists', async () => {
    const { document } = await read();
    const { webhooks, components } = document;
    expect(Object.keys(webhooks)).toEqual(Object.keys(CHANGES));
    expect(webhooks['onboarding.check.passed']?.['post']).toMatchObject({
      operationId: 'receiveOnboardingCheckPassed',
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/OnboardingCheckPassed' } } },
      },
    });
    expect(components.schemas).toMatchObject({
      OnboardingCheckPassed: {
        required: ['type', 'timestamp', 'data'],
        properties: {
          type: { const: 'onboarding.check.passed' },
          data: { required: ['id', 'sequence', 'check'], properties: { approvedBy: { type: 'string' } } },
        },
      },
      Event: { discriminator: { propertyName: 'type' } },
    });
  });

  it('has defaults that change nothing when they are sent', async () => {
    const { properties: { policy } = {} } = jsonSchemaOf(StartBody);
    const defaults = Object.entries(policy?.properties ?? {}).flatMap(([name, schema]) =>
      'default' in schema ? [[name, schema['default']] as const] : [],
    );
    const request = { project: 'p', projectFlow: 'f', contact: { email: 'a@example.com' }, fullName: 'A' };
    expect(defaults.length).toBeGreaterThan(6);
    expect(decodeRequest({ ...request, policy: Object.fromEntries(defaults) })).toEqual(decodeRequest(request));
  });

  it('has a page that loads nothing from other hosts', async () => {
    const page = await gateway.ask('GET /docs/', { key: '' });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.text).not.toMatch(/(src|href)="https?:/);
  });
});
