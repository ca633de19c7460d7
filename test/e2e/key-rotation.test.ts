import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { type Applicant, inventPeople } from '../../tools/sandbox/index.js';
import { newKey, writeKeys } from '../support/encryption-keys.js';
import { openRealServers, type RealServers } from './real-servers.js';

const ONBOARDINGS = 20;
const [OLD, NEW] = [newKey(), newKey()];

let real: RealServers;
let connection: Connection;
const files = mkdtempSync(join(tmpdir(), 'onboarding-rotation-'));

beforeAll(async () => {
  real = await openRealServers();
  connection = await Connection.connect({ address: real.address });
});

afterAll(async () => {
  await connection.close();
  await real.close();
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

interface UnderWay {
  readonly workflowId: string;
  readonly applicant: Applicant;
}

const report = async (client: OnboardingClient, { workflowId, applicant }: UnderWay, checks: readonly CheckName[]) => {
  for (const check of checks) await client.signalValidation(workflowId, check, await applicant.pass(check));
};

const begin = async (client: OnboardingClient): Promise<readonly UnderWay[]> =>
  Promise.all(
    inventPeople(61, ONBOARDINGS).map(async (person, index) => {
      const { workflowId, token } = await client.start(real.request(person), { reference: `rotated-${index}` });
      return { workflowId, applicant: real.applicantWith(person, token) };
    }),
  );

const missing = async (metricsUrl: string): Promise<string> =>
  (await (await fetch(metricsUrl)).text())
    .split('\n')
    .filter((line) => line.startsWith('onboarding_undecodable_payloads'))
    .join('\n');

describe('rotating the key in the middle of 20 onboardings', () => {
  it('with old and new workers side by side ends all of them right, and says which key a worker lacks until it has it', async () => {
    const oldWorkers = keysFile('old-workers', 'old', { old: OLD });
    const worker = await real.startWorker({ keysFile: oldWorkers });
    const underWay = await begin(await clientWith(oldWorkers));
    const before = await clientWith(oldWorkers);
    for (const one of underWay) await report(before, one, ['email', 'phone']);

    const rotated = keysFile('rotated', 'new', { old: OLD, new: NEW });
    await real.startWorker({ keysFile: rotated });
    const after = await clientWith(rotated);
    const reported = Promise.all(underWay.map((one) => report(after, one, ['document', 'biometric'])));

    await expect.poll(() => missing(worker.metricsUrl)).toMatch(/key_id="new",.*why="missingKey"/);
    await expect.poll(() => readFileSync(real.logFile, 'utf8')).toContain('"why":"missingKey","keyId":"new"');
    writeKeys(oldWorkers, 'old', { old: OLD, new: NEW });

    await reported;
    for (const { workflowId } of underWay)
      expect(await after.result(workflowId)).toMatchObject({ outcome: 'verified' });
    const { registrationsCreated, validationsByRegistration } = await real.sandbox.control.ledger();
    expect(registrationsCreated).toBe(ONBOARDINGS);
    for (const counts of Object.values(validationsByRegistration))
      expect(counts).toEqual(Object.fromEntries(CHECK_NAMES.map((check) => [check, 1])));
  });

  it('is told by the id of the key to whoever lacks it', async () => {
    const lacking = await clientWith(keysFile('lacking', 'another', { another: newKey() }));
    const told = {
      type: 'EncryptionKeys',
      message: expect.stringMatching(/key (old|new), which is not in the key ring/),
    };
    await expect(lacking.result('onboarding-rotated-0')).rejects.toMatchObject(told);
    await expect(lacking.status('onboarding-rotated-0')).rejects.toMatchObject(told);
  });
});
