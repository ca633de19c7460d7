import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { encryptingDataConverter, openKeyRing } from '../../codec/index.js';
import { bundleWorkflows } from '../../worker/bundle.js';
import { keysOfHistories } from '../support/encryption-keys.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

/** What a workflow was started with. */
type Input = Readonly<Record<string, object>>;

/** The start of a history in JSON, as far as it is needed here. */
interface Started {
  readonly input: { payloads: { metadata: Record<string, string>; data: string }[] };
}

const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

let workflowBundle: { code: string };
let dataConverter: DataConverter;

beforeAll(async () => {
  installQuietRuntime();
  workflowBundle = await bundleWorkflows();
  dataConverter = encryptingDataConverter({ keys: await openKeyRing(keysOfHistories), namespace: 'default' });
});

const read = (name: string) => JSON.parse(readFileSync(`${HISTORIES}${name}`, 'utf8'));

/** As if the workflow had been started with something else. */
const changeInput = async ({ input }: Started, change: (input: Input) => unknown): Promise<void> => {
  const [payload] = input.payloads;
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const metadata = Object.fromEntries(
    Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, bytes(value)]),
  );
  const codec = dataConverter.payloadCodecs?.[0];
  const [decoded] = (await codec?.decode([{ metadata, data: bytes(payload?.data ?? '') }])) ?? [];
  const changed = change(JSON.parse(Buffer.from(decoded?.data ?? []).toString()));
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  input.payloads[0] = { metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(changed)) };
};

describe('a recorded history', () => {
  it.each(files)('%s replays with the code of today', async (name) => {
    const history = read(name);
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, started.workflowId);
  });

  it('stands for each of the two ways in which payloads are stored: in the clear, as once, and encrypted', () => {
    const encodings = files.flatMap((name) => {
      const [{ workflowExecutionStartedEventAttributes: started }] = read(name).events;
      // Not every workflow is started with something.
      const [payload] = started.input?.payloads ?? [];
      return payload === undefined ? [] : [Buffer.from(payload.metadata.encoding, 'base64').toString()];
    });
    expect(new Set(encodings)).toEqual(new Set(['json/plain', 'binary/encrypted']));
  });

  it('of a batch that was given a lower rate than is taken now goes on as it was', async () => {
    const history = read('revalidation.json');
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    await changeInput(started, ({ request }) => ({ request: { ...request, callsPerSecond: 0.001 } }));
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, started.workflowId);
  });

  it('that does not fit the code is refused: the replays above can fail', async () => {
    const history = read('verified.json');
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    started.input.payloads[0].data = Buffer.from('{"request":{}}').toString('base64');
    await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, history)).rejects.toThrow(
      /[Nn]ondeterminism/,
    );
  });
});
