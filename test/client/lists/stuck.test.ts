import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countStuck } from '../../../client/lists/stuck.js';
import { inPipes } from '../../cli/running.js';
import { openTemporal, type TemporalAlone } from '../../gateway/temporal.js';

// test/e2e/stuck.test.ts tests that stuck onboardings are found.

const MORE_THAN_CHECKED = 1_001;

describe('the count of stuck onboardings on a server that does not report problems', () => {
  let alone: TemporalAlone;

  beforeAll(async () => {
    alone = await openTemporal();
    const start = (index: number) =>
      alone.temporal.workflow.start('onboarding', {
        taskQueue: 'nobody-polls-this',
        workflowId: `onboarding-${index}`,
      });
    await pMap(Array(MORE_THAN_CHECKED).keys(), start, { concurrency: 50 });
  });

  afterAll(() => alone?.close());

  it('checks 1,000 running onboardings, and says so if there are more', async () => {
    const { workflowService, options } = alone.temporal;
    const count = () => countStuck({ workflowService, namespace: options.namespace });
    await expect.poll(async () => (await alone.temporal.workflow.count()).count).toBe(MORE_THAN_CHECKED);
    expect(await count()).toEqual({ stuck: 0, checked: 1_000 });
    const { stdout } = await inPipes(['doctor'], { TEMPORAL_ADDRESS: alone.server.address });
    expect(stdout).toMatch(/ok +workflow tasks .*; only the newest 1000 running onboardings were checked\n/);
    // The server gives a full page a token for the next one, even if that one is empty.
    for (const index of [0, 1]) await alone.temporal.workflow.getHandle(`onboarding-${index}`).terminate();
    await expect.poll(count).toEqual({ stuck: 0 });
  });
});
