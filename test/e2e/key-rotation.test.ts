import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { applicantsOf } from '../support/applicants.js';
import { newKey, writeKeys } from '../support/encryption-keys.js';
import { opened } from '../support/opened.js';
import { openRealServers } from './real-servers.js';

const ONBOARDINGS = 20;
const [OLD, NEW] = [newKey(), newKey()];

const real = opened(() => openRealServers());
let connection: Connection;
const files = mkdtempSync(join(tmpdir(), 'onboarding-rotation-'));

beforeAll(async () => {
  connection = await Connection.connect({ address: real.address });
});

afterAll(() => connection?.close());

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
});
