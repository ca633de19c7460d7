import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../worker/bundle.js';

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

let workflowBundle: { code: string };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflows();
});

const read = (name: string) => JSON.parse(readFileSync(`${HISTORIES}${name}`, 'utf8'));

describe('a recorded history', () => {
  it.each(files)('%s replays with the code of today', async (name) => {
    await Worker.runReplayHistory({ workflowBundle }, read(name));
  });

  it('that does not fit the code is refused: the replays above can fail', async () => {
    const history = read('verified.json');
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    started.input.payloads[0].data = Buffer.from('{"request":{}}').toString('base64');
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toThrow(/[Nn]ondeterminism/);
  });
});
