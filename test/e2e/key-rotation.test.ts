import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { applicantsOf } from '../support/applicants.js';
import { newKey, writeKeys } from '../support/encryption-keys.js';
import { startFakeAwsKms } from '../support/fake-aws-kms.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

const ONBOARDINGS = 20;
const [OLD, NEW] = [newKey(), newKey()];

const real = opened(() => openRealServers());
const kms = opened(startFakeAwsKms);
let connection: Connection;
const files = mkdtempSync(join(tmpdir(), 'onboarding-rotation-'));

beforeAll(async () => {
  // Worker processes inherit them.
  for (const [name, value] of Object.entries(kms.env)) vi.stubEnv(name, value);
  connection = await Connection.connect({ address: real.address, ...REPEATED_UNTIL_CLOSED });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await connection?.close();
});

const keysFile = (name: string, current: string, keys: Readonly<Record<string, string>>): string => {
  const file = join(files, `${name}.json`);
  writeKeys(file, current, keys);
  return file;
};

const clientWith = async (file: string): Promise<OnboardingClient> => {
  const dataConverter = await onboardingDataConverter({ keyProvider: fileKeys(file) });
  return new OnboardingClient(new Client({ connection, dataConverter }), { contactKey: 'a-key-for-the-tests' });
};

const missing = async (metricsUrl: string): Promise<string> =>
  (await (await fetch(metricsUrl)).text())
    .split('\n')
    .filter((line) => line.startsWith('onboarding_undecodable_payloads'))
    .join('\n');

/** Returns the ids of the keys with which the payloads of a workflow's history are encrypted. */
const keyIdsIn = async (workflowId: string): Promise<readonly string[]> => {
  const { events } = await real.temporal.workflow.getHandle(workflowId).fetchHistory();
  const payloads = [...JSON.stringify(events).matchAll(/"encryption-key-id":"([^"]+)"/g)].map(([, id = '']) =>
    Buffer.from(id, 'base64').toString(),
  );
  return [...new Set(payloads)];
};

describe('a key rotation during 20 onboardings', () => {
  it('lets all of them end as verified, and metrics and logs name a key that a worker lacks', async () => {
    const oldWorkers = keysFile('old-workers', 'old', { old: OLD });
    const worker = await real.startWorker({ keysFile: oldWorkers });
    const before = applicantsOf(real.sandbox, await clientWith(oldWorkers));
    const open = await Promise.all(
      inventPeople(61, ONBOARDINGS).map((person, index) => before.begin(person, `rotated-${index}`, 'email', 'phone')),
    );

    const rotated = keysFile('rotated', 'new', { old: OLD, new: NEW });
    await real.startWorker({ keysFile: rotated });
    const client = await clientWith(rotated);
    const after = applicantsOf(real.sandbox, client);
    const reported = Promise.all(open.map((one) => after.doAndReport(one, 'document', 'biometric')));

    await expect.poll(() => missing(worker.metricsUrl)).toMatch(/key_id="new",.*why="missingKey"/);
    await expect.poll(() => readFileSync(real.logFile, 'utf8')).toContain('"why":"missingKey","keyId":"new"');
    writeKeys(oldWorkers, 'old', { old: OLD, new: NEW });

    await reported;
    for (const { workflowId } of open) expect(await client.result(workflowId)).toMatchObject({ outcome: 'verified' });
    const { registrationsCreated, validationsByRegistration } = await real.sandbox.control.ledger();
    expect(registrationsCreated).toBe(ONBOARDINGS);
    for (const counts of Object.values(validationsByRegistration))
      expect(counts).toEqual(Object.fromEntries(CHECK_NAMES.map((check) => [check, 1])));
  });

  it('makes a client without the key fail with an error that names the key', async () => {
    const lacking = await clientWith(keysFile('lacking', 'another', { another: newKey() }));
    const missingKey = {
      type: 'EncryptionKeys',
      message: expect.stringMatching(/key (old|new), which is not in the key ring/),
    };
    await expect(lacking.result('onboarding-rotated-0')).rejects.toMatchObject(missingKey);
    await expect(lacking.status('onboarding-rotated-0')).rejects.toMatchObject(missingKey);
  });

  it('replaces the keys by one of AWS KMS, and this one by another while the service refuses requests', async () => {
    const keys = {
      old: OLD,
      new: NEW,
      'kms-1': `aws-kms://${kms.createKey()}`,
      'kms-2': `aws-kms://${kms.createKey()}`,
    };
    const makeCurrent = (current: string) => {
      for (const name of ['old-workers', 'rotated']) keysFile(name, current, keys);
    };
    const clientUsing = async (current: keyof typeof keys) => {
      const client = await clientWith(keysFile(`client-${current}`, current, keys));
      return { client, ...applicantsOf(real.sandbox, client) };
    };
    const before = await clientUsing('new');
    const open = await Promise.all(
      inventPeople(62, ONBOARDINGS).map((person, index) => before.begin(person, `kms-${index}`, 'email')),
    );

    makeCurrent('kms-1');
    const during = await clientUsing('kms-1');
    await Promise.all(open.map((one) => during.doAndReport(one, 'phone')));

    const after = await clientUsing('kms-2');
    kms.refused.set('Decrypt', 'AccessDeniedException');
    const reported = Promise.all(open.map((one) => after.doAndReport(one, 'document', 'biometric')));
    await expect
      .poll(() => readFileSync(real.logFile, 'utf8'))
      .toMatch(/"why":"keyService","keyId":"kms-2","problem":"[^"]*AWS KMS did not unwrap a data key: AccessDenied/);
    makeCurrent('kms-2');
    kms.refused.clear();

    await reported;
    for (const { workflowId } of open)
      expect(await after.client.result(workflowId)).toMatchObject({ outcome: 'verified' });
    expect(await keyIdsIn(open[0]?.workflowId ?? '')).toEqual(expect.arrayContaining(['new', 'kms-1', 'kms-2']));
  });
});
