import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { encryptingDataConverter, openKeyRing } from '../../codec/index.js';
import * as workflows from '../../workflows/index.js';
import { bundleSources } from '../support/builds.js';
import { keysOfHistories } from '../support/encryption-keys.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

let workflowBundle: { codePath: string };
let dataConverter: DataConverter;

beforeAll(async () => {
  installQuietRuntime();
  workflowBundle = { codePath: await bundleSources() };
  dataConverter = encryptingDataConverter({ keys: await openKeyRing(keysOfHistories), namespace: 'default' });
});

const read = (name: string) => JSON.parse(readFileSync(`${HISTORIES}${name}`, 'utf8'));

describe('a recorded history', () => {
  it.each(files)('%s replays with the current code', async (name) => {
    const history = read(name);
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, started.workflowId);
  });

  it('exists for every workflow type', () => {
    const types = files.map((name) => read(name).events[0].workflowExecutionStartedEventAttributes.workflowType.name);
    expect(new Set(types)).toEqual(new Set(Object.keys(workflows)));
  });

  it('that does not match the code fails to replay', async () => {
    const history = read('verified.json');
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const encoding = base64('json/plain');
    started.input.payloads[0] = { metadata: { encoding }, data: base64('{"request":{}}') };
    await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, history)).rejects.toThrow(
      /[Nn]ondeterminism/,
    );
  });
});
