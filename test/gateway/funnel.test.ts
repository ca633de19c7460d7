import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { CheckName } from '../../domain/checks.js';
import { FunnelCodec } from '../../gateway/schemas/funnel.js';
import { HOUR_MS } from '../../shared/time.js';
import { type RunningGateway, read, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

let alone: TemporalAlone;
let gateway: RunningGateway;

interface Listed {
  readonly tenant?: string;
  readonly pending?: readonly CheckName[];
  readonly flow?: string;
  readonly policy?: string;
}

/** Starts a workflow that no worker runs, with the search attributes of an onboarding. */
const list = async (
  id: string,
  status: OnboardingStatus,
  { tenant = 'shop', pending = [], flow = 'f', policy }: Listed = {},
) => {
  const reference = `${tenant}:${id}`;
  const handle = await alone.temporal.workflow.start(ONBOARDING_WORKFLOW, {
    ...{ workflowId: `onboarding-${reference}`, taskQueue: 'without-workers', args: [] },
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.status, value: status },
      { key: SEARCH_ATTRIBUTES.pending, value: [...pending] },
      { key: SEARCH_ATTRIBUTES.projectFlow, value: flow },
      { key: SEARCH_ATTRIBUTES.reference, value: reference },
      ...(policy === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.policy, value: policy }]),
    ],
  });
  return handle;
};

const funnel = async (query = '') => read(FunnelCodec, await gateway.ask(`GET /v1/funnel?${query}`));

beforeAll(async () => {
  alone = await openTemporal();
  gateway = await runGateway({ temporal: alone.temporal });
  await Promise.all([
    list('a', 'registering', { pending: ['email', 'document'] }),
    list('b', 'validating', { pending: ['document'], policy: 'standard' }),
    list('c', 'validating', { pending: ['document', 'biometric'], policy: 'strict' }),
    list('d', 'inReview', { policy: 'strict' }),
    list('e', 'verified', { policy: 'strict', flow: 'another' }),
    list('f', 'verified', { policy: 'standard' }),
    list('g', 'expired'),
    list('h', 'validating', { pending: ['phone'] }).then((handle) => handle.terminate()),
    list('a', 'withdrawn', { tenant: 'other' }),
  ]);
  const areListed = async () => (await funnel()).stopped === 1 && (await funnel()).started === 8;
  await vi.waitUntil(areListed, { timeout: 10_000 });
});

afterAll(async () => {
  await gateway?.close();
  await alone?.close();
});

const NOBODY = {
  started: 0,
  open: { registering: 0, validating: 0, inReview: 0 },
  pending: { email: 0, phone: 0, document: 0, biometric: 0 },
  ended: { verified: 0, rejected: 0, expired: 0, withdrawn: 0 },
  stopped: 0,
};

describe('the funnel', () => {
  it("counts the tenant's onboardings by status, outcome and the checks that open ones still have to pass", async () => {
    expect(await funnel()).toEqual({
      started: 8,
      open: { registering: 1, validating: 2, inReview: 1 },
      pending: { email: 1, phone: 0, document: 3, biometric: 1 },
      ended: { verified: 2, rejected: 0, expired: 1, withdrawn: 0 },
      stopped: 1,
    });
  });

  it('is that of a policy, of a flow, and of the onboardings that started in a period', async () => {
    expect(await funnel('policyName=strict')).toEqual({
      ...NOBODY,
      started: 3,
      open: { registering: 0, validating: 1, inReview: 1 },
      pending: { email: 0, phone: 0, document: 1, biometric: 1 },
      ended: { ...NOBODY.ended, verified: 1 },
    });
    expect((await funnel('policyName=strict&projectFlow=another')).started).toBe(1);
    const [before, after] = [Date.now() - HOUR_MS, Date.now() + HOUR_MS];
    expect((await funnel(`from=${before}&to=${after}`)).started).toBe(8);
    expect(await funnel(`from=${after}`)).toEqual(NOBODY);
    expect(await funnel(`to=${before}`)).toEqual(NOBODY);
  });
});
