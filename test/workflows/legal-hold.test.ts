import type { temporal } from '@temporalio/proto';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEGAL_HOLD_WORKFLOW } from '../../contract/messages.js';
import { DAY_MS } from '../../shared/time.js';
import { openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

let taskQueue: string;

const world = opened(() => openWorld());

beforeAll(async () => {
  await world.client.placeLegalHold('first', { placedBy: 'counsel-1', reason: 'case 17' });
  ({ taskQueue } = await hold('first').describe());
});

const hold = (reference: string) => world.env.client.workflow.getHandle(`legal-hold-${reference}`);

/** Starts a hold without the client, as with the Temporal CLI. */
const startByHand = (workflowId: string, input: unknown) =>
  world.env.client.workflow.start(LEGAL_HOLD_WORKFLOW, { workflowId, taskQueue, args: [input] });

describe('a legal hold', () => {
  it('stays in place for years', async () => {
    await world.client.placeLegalHold('years', { placedBy: 'counsel-1' });
    await world.pass(3_000 * DAY_MS);
    expect(await world.client.legalHold('years')).toMatchObject({ placedBy: 'counsel-1' });
  });

  it('ignores cancellation, and ends when it is lifted', async () => {
    await world.client.placeLegalHold('cancelled', { placedBy: 'counsel-1' });
    await hold('cancelled').cancel();
    expect(await world.client.legalHold('cancelled')).toMatchObject({ placedBy: 'counsel-1' });
    await world.client.liftLegalHold('cancelled', { liftedBy: 'counsel-2' });
    expect(await hold('cancelled').result()).toMatchObject({ liftedBy: 'counsel-2' });
  });

  it('fails if its input is invalid or its workflow id does not match', async () => {
    const failure = async (workflowId: string, input: unknown) => {
      const started = await startByHand(workflowId, input);
      return started.result().catch(({ cause }) => cause);
    };
    expect(await failure('legal-hold-by-hand', { reference: 'by-hand' })).toMatchObject({
      type: 'InvalidRequest',
      message: expect.stringContaining('placedBy'),
    });
    expect(await failure('hold-7', { reference: 'by-hand', placedBy: 'counsel-1' })).toMatchObject({
      type: 'InvalidRequest',
      message: expect.stringContaining('workflowId'),
    });
  });

  it('shows in the Temporal UI whose data it protects and how to lift it', async () => {
    const metadata: Metadata = await hold('first').query('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(
      /^\*\*Nothing of `first` may be erased\.\*\*\n\nPlaced by `counsel-1`, .* UTC\.\n\nNext actions:/,
    );
    const { updateDefinitions, queryDefinitions } = metadata.definition ?? {};
    expect(updateDefinitions).toMatchObject([{ name: 'liftHold', description: expect.stringMatching(/\{.*\}/) }]);
    expect(queryDefinitions).toContainEqual(
      expect.objectContaining({ name: 'hold', description: expect.stringContaining('Takes no input') }),
    );
    expect(await (await hold('first').describe()).staticSummary()).toContain('Legal hold');
  });

  it('shows in the Temporal UI who lifted it', async () => {
    await world.client.placeLegalHold('lifted', { placedBy: 'counsel-1' });
    await world.client.liftLegalHold('lifted', { liftedBy: 'counsel-2' });
    const metadata: Metadata = await hold('lifted').query('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(/^\*\*Lifted\*\* by `counsel-2`, /);
  });
});
