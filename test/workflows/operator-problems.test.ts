import type { temporal } from '@temporalio/proto';
import { afterEach, describe, expect, it } from 'vitest';
import type { PoliciesFile } from '../../activities/policies-file.js';
import { JsonFileError } from '../../shared/json-file.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { CREATE, READ } from '../support/counted.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

const WRONG = 'The file of policies is wrong. ONBOARDING_POLICIES_FILE (policies.json): expected JSON';

let isWrong = false;

const file: PoliciesFile = {
  current: async () => {
    if (isWrong) throw new JsonFileError(WRONG);
    return new Map([['quick', { version: '7', policy: { required: ['email'] } }]]);
  },
};

const world = opened(() => openWorld({}, { policies: file }));

afterEach(async () => {
  isWrong = false;
  await world.sandbox.control.faults([]);
});

const awaiting = async (workflowId: string) => (await world.client.status(workflowId).catch(() => undefined))?.awaiting;

/** Returns the text that the Temporal UI shows. */
const details = async (workflowId: string): Promise<string> =>
  (await world.env.client.workflow.getHandle(workflowId).query<Metadata>('__temporal_workflow_metadata'))
    .currentDetails ?? '';

describe('an onboarding that waits for an operator', () => {
  it('says so while the file of policies is wrong, and goes on when it is corrected', async () => {
    isWrong = true;
    const request = world.request(world.somebody(), { policyName: 'quick' });
    const start = world.client.start(request, { reference: 'wrong-file', timeoutMs: 60_000 });
    await expect
      .poll(() => awaiting('onboarding-wrong-file'))
      .toMatchObject({ from: 'operator', what: `An operator has to act: ${WRONG}`, until: expect.any(Number) });
    expect(await details('onboarding-wrong-file')).toContain(WRONG);
    isWrong = false;
    await world.pass(HOUR_MS);
    expect(await start).toMatchObject({ generation: 1 });
    expect(await awaiting('onboarding-wrong-file')).toMatchObject({ from: 'applicant' });
    expect(await details('onboarding-wrong-file')).not.toContain(WRONG);
  });

  it('says so while Verifik rejects the token, and names Verifik when it is down instead', async () => {
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 401 }]);
    const start = world.client.start(world.request(world.somebody()), { reference: 'token', timeoutMs: 60_000 });
    const what = expect.stringContaining('an operator has to check the token');
    await expect.poll(() => awaiting('onboarding-token')).toMatchObject({ from: 'operator', what });
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', status: 503 }]);
    await world.pass(10 * MINUTE_MS);
    await expect
      .poll(() => awaiting('onboarding-token'))
      .toMatchObject({ from: 'vendor', what: expect.stringContaining('temporarily unavailable') });
    await world.sandbox.control.faults([]);
    await world.pass(HOUR_MS);
    expect(await start).toMatchObject({ generation: 1 });
  });

  it('says so of a call that begins to fail while it is repeated', async () => {
    const one = await world.begin({ policy: { required: ['email'] } });
    await world.sandbox.control.faults([{ match: READ, kind: 'status', status: 503 }]);
    await world.doAndReport(one, 'email');
    await expect.poll(() => awaiting(one.workflowId)).toMatchObject({ from: 'vendor' });
    await world.sandbox.control.faults([{ match: READ, kind: 'status', status: 402, code: 'insufficient_credits' }]);
    await world.pass(10 * MINUTE_MS);
    await expect
      .poll(() => awaiting(one.workflowId))
      .toMatchObject({ from: 'operator', what: expect.stringContaining('an operator has to buy credits') });
  });
});
