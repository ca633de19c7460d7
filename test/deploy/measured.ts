import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { vi } from 'vitest';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { BatchClient, OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { Policy } from '../../domain/policy/policy.js';
import { writeEndpoint } from '../../tools/processes/callback-receiver.js';
import { startCallbackReceiverProcess } from '../../tools/processes/callback-receiver-process.js';
import { startCodecServerProcess } from '../../tools/processes/codec-server-process.js';
import { createGatewaySecrets, startGatewayProcess } from '../../tools/processes/gateway-process.js';
import { startWorkerProcess } from '../../tools/processes/worker-process.js';
import { createApplicant, inventPeople, type Person, startSandbox } from '../../tools/sandbox/index.js';
import { freePort, startDevServer } from '../../tools/servers/index.js';
import { newKeysFile } from '../support/encryption-keys.js';
import { IMMEDIATE } from '../support/immediate.js';

const CONTACT_KEY = 'a-key-for-the-tests';

/** The metrics pages, by scrape job. */
export type Pages = Readonly<Record<'worker' | 'gateway' | 'codec-server' | 'temporal', string>>;

const page = async (url: string): Promise<string> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
};

/** The gateway counts onboardings in the background, which takes a few seconds. */
const whenCounted = (url: string): Promise<string> =>
  vi.waitUntil(
    async () => {
      const text = await page(url);
      return text.includes('gateway_onboardings_last_hour{what="failed"}') && text;
    },
    { timeout: 20_000, interval: 100 },
  );

/**
 * Runs a few onboardings and a batch with real processes, one of them while Verifik is down at first, and reads the
 * metrics of each process and of the Temporal server.
 */
export const measure = async (): Promise<Pages> => {
  const folder = mkdtempSync(join(tmpdir(), 'onboarding-measured-'));
  const opened: (() => Promise<unknown>)[] = [];
  const address = async () => `127.0.0.1:${await freePort()}`;
  try {
    const metricsPort = await freePort();
    const server = await startDevServer({
      port: await freePort(),
      headless: true,
      metricsPort,
      searchAttributes: Object.values(SEARCH_ATTRIBUTES),
    });
    opened.push(() => server.kill());
    const sandbox = await startSandbox({ settings: IMMEDIATE });
    opened.push(() => sandbox.close());
    const service = await startCallbackReceiverProcess(folder);
    opened.push(() => service.close());
    const callbacksFile = join(folder, 'callbacks.json');
    writeEndpoint(callbacksFile, service);
    const keysFile = newKeysFile();
    const common = { temporalAddress: server.address, namespace: server.namespace, keysFile };
    const batchFolder = join(folder, 'batches');
    const worker = await startWorkerProcess({
      ...common,
      ...{ verifikBaseUrl: sandbox.url, clientToken: sandbox.clientToken, batchFolder, callsPerSecond: 1_000 },
      callbacksFile,
      logFile: join(folder, 'worker.log'),
    });
    opened.push(() => worker.kill());
    const gateway = await startGatewayProcess({
      ...common,
      address: await address(),
      metricsAddress: await address(),
      secrets: await createGatewaySecrets({ shop: { tenant: 'shop', scopes: ['start'], callbacks: 'service' } }),
      contactKey: CONTACT_KEY,
      logFile: join(folder, 'gateway.log'),
    });
    opened.push(() => gateway.kill());
    const codecMetrics = await address();
    const codecServer = await startCodecServerProcess({
      ...common,
      address: await address(),
      metricsAddress: codecMetrics,
      origins: ['http://localhost:8233'],
      logFile: join(folder, 'codec-server.log'),
    });
    opened.push(() => codecServer.kill());
    await sandbox.control.settings({ webhookUrl: gateway.webhookUrl });
    const connection = await Connection.connect({ address: server.address, ...REPEATED_UNTIL_CLOSED });
    opened.push(() => connection.close());
    const temporal = new Client({
      connection,
      dataConverter: await onboardingDataConverter({ keyProvider: fileKeys(keysFile) }),
    });
    const client = new OnboardingClient(temporal, { contactKey: CONTACT_KEY });

    const begin = async (person: Person, reference: string, change: Partial<Policy> = {}) => {
      const { email, phone, countryCode, fullName } = person;
      const { project, projectFlow } = sandbox;
      // The reconcile soon makes up for a webhook that a busy machine loses.
      const policy = { reconcile: { firstMs: 10_000, maxMs: 10_000 }, ...change };
      const started = await fetch(`${gateway.url}/v1/onboardings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.keys.shop}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          reference,
          project,
          projectFlow,
          contact: { email, phone, countryCode },
          fullName,
          policy,
        }),
      });
      if (started.status !== 201) throw new Error(`${started.status}: ${await started.text()}`);
      const workflowId = `onboarding-shop:${reference}`;
      const { token } = await client.registration(workflowId);
      return { workflowId, applicant: createApplicant({ url: sandbox.url, token, project, person }) };
    };
    const goThrough = async (person: Person, reference: string): Promise<void> => {
      const { workflowId, applicant } = await begin(person, reference);
      for (const check of ['email', 'phone', 'document', 'biometric'] as const) await applicant.pass(check);
      await client.result(workflowId);
    };
    const isRejected = async (person: Person): Promise<void> => {
      const tagged = { ...person, email: person.email.replace('@', '+document-review@') };
      const { workflowId, applicant } = await begin(tagged, 'customer-3', { required: ['document'] });
      await applicant.pass('document');
      await vi.waitUntil(async () => (await client.status(workflowId)).review !== undefined, { timeout: 20_000 });
      await client.decideReview(workflowId, { decision: 'reject', reviewer: 'reviewer-7' });
      await client.result(workflowId);
    };
    const isWithdrawn = async (person: Person): Promise<void> => {
      const { workflowId } = await begin(person, 'customer-4');
      await client.withdraw(workflowId);
      await client.result(workflowId);
    };
    await page(gateway.metricsUrl);
    const [first, second, third, fourth] = inventPeople(7, 4);
    if (first === undefined || second === undefined || third === undefined || fourth === undefined)
      throw new Error('too few people were invented');
    await Promise.all([goThrough(first, 'customer-1'), isRejected(third), isWithdrawn(fourth)]);
    // The local activity fails, and so does the first attempt of the regular activity.
    const match = 'POST /v2/app-registrations';
    await sandbox.control.faults([{ match, kind: 'status', status: 503, times: 2 }]);
    await goThrough(second, 'customer-2');
    await sandbox.control.population({ count: 10 });
    const batches = new BatchClient(temporal);
    const source = { kind: 'list', project: sandbox.project, projectFlow: sandbox.projectFlow } as const;
    await batches.start({ mode: 'audit', source, callsPerSecond: 100 }, { batch: 'measured' });
    await batches.result('measured');
    await fetch(`${codecServer.url}/decode`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${codecServer.tokens.masked}`,
        'content-type': 'application/json',
        'x-namespace': 'default',
      },
      body: JSON.stringify({ payloads: [{ metadata: {}, data: '' }] }),
    });
    return {
      worker: await page(worker.metricsUrl),
      gateway: await whenCounted(gateway.metricsUrl),
      'codec-server': await page(`http://${codecMetrics}/metrics`),
      temporal: await page(`http://127.0.0.1:${metricsPort}/metrics`),
    };
  } finally {
    for (const close of opened.reverse()) await close();
  }
};
