import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { fileKeys } from '../../codec/index.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { type ForbiddenValue, findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import type { WorkerProcess } from '../../tools/processes/worker-process.js';
import { FAULT_PROFILES, inventPeople } from '../../tools/sandbox/index.js';
import { applicantsOf } from '../support/applicants.js';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.js';
import { openRealServers, type RealServers } from './real-servers.js';

const APPLICANTS = 50;
const START_TIMEOUT_MS = 120_000;

let real: RealServers;
let proxy: RecordingProxy;
let connection: Connection;
let worker: WorkerProcess;
let secrets: readonly ForbiddenValue[];

/**
 * Onboards 50 applicants with callbacks and a flaky sandbox, the first without a reference. All traffic to Temporal
 * goes through the recording proxy.
 */
beforeAll(async () => {
  real = await openRealServers({ faults: FAULT_PROFILES.flaky });
  proxy = await startRecordingProxy(real.address);
  worker = await real.startWorker({ temporalAddress: proxy.address });
  connection = await Connection.connect({ address: proxy.address, ...REPEATED_UNTIL_CLOSED });
  const dataConverter = await onboardingDataConverter({ keyProvider: fileKeys(real.keysFile) });
  const client = new OnboardingClient(new Client({ connection, dataConverter }), { contactKey: 'a-key-for-the-tests' });
  const { begin } = applicantsOf(real.sandbox, client);
  const found = await Promise.all(
    inventPeople(50, APPLICANTS).map(async (person, index): Promise<readonly ForbiddenValue[]> => {
      const reference = index === 0 ? {} : { reference: `nr-${index}` };
      const options = { ...reference, timeoutMs: START_TIMEOUT_MS, callbacks: { endpoint: 'service', id: 'customer' } };
      const { workflowId, token } = await begin(person, options, ...CHECK_NAMES);
      expect(await client.result(workflowId)).toMatchObject({ outcome: 'verified' });
      const { email, phone, fullName } = person;
      return Object.entries({ token, email, phone, fullName }).map(([what, value]) => ({
        what: `${what} of ${index}`,
        value,
      }));
    }),
  );
  const codes = await real.sandbox.control.outbox();
  secrets = [
    ...found.flat(),
    ...codes.flatMap(({ otp, to }) => (otp === undefined ? [] : [{ what: `code for ${to}`, value: otp }])),
    { what: "the client's token", value: real.sandbox.clientToken },
  ];
}, 180_000);

afterAll(async () => {
  await connection.close();
  await real.close();
  await proxy.close();
});

const database = (): Buffer =>
  Buffer.concat(['', '-wal'].map((suffix) => readFileSync(`${real.dbFile}${suffix}`, { flag: 'a+' })));

describe('without the encryption key', () => {
  it('the traffic between clients, workers and Temporal contains no personal data and no secret', () => {
    const traffic = proxy.recorded();
    expect(traffic.includes('onboarding-nr-7')).toBe(true);
    expect(findForbiddenValues(traffic, secrets)).toEqual([]);
  });

  it("Temporal's database contains no personal data and no secret, not even in failures", () => {
    expect(database().includes('onboarding-nr-7')).toBe(true);
    expect(findForbiddenValues(database(), secrets)).toEqual([]);
  });

  it("the workers' logs contain no personal data and no secret", () => {
    const log = readFileSync(real.logFile);
    expect(log.includes('worker started')).toBe(true);
    expect(findForbiddenValues(log, secrets)).toEqual([]);
  });

  it('the metrics contain no personal data and no secret', async () => {
    const metrics = await (await fetch(worker.metricsUrl)).text();
    expect(metrics).toContain('verifik_calls_total');
    expect(findForbiddenValues(Buffer.from(metrics), secrets)).toEqual([]);
  });

  it('a value that is sent unencrypted is found, so that the searches above can fail', async () => {
    const canary = 'canary.of.the.test@example.com';
    const signal = { status: 'validated', reason: canary };
    await new Client({ connection }).workflow
      .getHandle('onboarding-nr-7')
      .signal('emailValidation', signal)
      .catch(() => undefined);
    expect(findForbiddenValues(proxy.recorded(), [{ what: 'canary', value: canary }])).toEqual(['canary']);
  });
});
