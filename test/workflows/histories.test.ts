import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { encryptingDataConverter, openKeyRing } from '../../codec/index.js';
import { WITHOUT_SPANS } from '../../worker/tracing.js';
import * as workflows from '../../workflows/index.js';
import { bundleBuild } from '../support/builds.js';
import { keysOfHistories } from '../support/encryption-keys.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

let workflowBundle: { codePath: string };
let dataConverter: DataConverter;

beforeAll(async () => {
  installQuietRuntime();
  workflowBundle = { codePath: await bundleBuild('sources') };
  dataConverter = encryptingDataConverter({ keys: await openKeyRing(keysOfHistories), namespace: 'default' });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The header of a client that traces. */
const TRACED = {
  fields: {
    '_tracer-data': {
      metadata: { encoding: base64('json/plain') },
      data: base64('{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}'),
    },
  },
};

const read = (name: string) => JSON.parse(readFileSync(`${HISTORIES}${name}`, 'utf8'));

/** Puts a history into a trace or, if its client traced, takes it out. */
const withOtherHeaders = (name: string) => {
  const history = read(name);
  const header = name === 'traced.json' ? {} : TRACED;
  for (const event of history.events)
    for (const message of [
      event.workflowExecutionStartedEventAttributes,
      event.workflowExecutionSignaledEventAttributes,
      event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input,
    ])
      if (message !== undefined) message.header = header;
  return history;
};

describe('a recorded history', () => {
  it.each(files)('%s replays with the current code', async (name) => {
    const history = read(name);
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    await Worker.runReplayHistory({ workflowBundle, dataConverter, sinks: WITHOUT_SPANS }, history, started.workflowId);
  });

  it('has the same commands with a trace as without one', async () => {
    const histories = files.map((name) => {
      const history = withOtherHeaders(name);
      const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
      return { workflowId: started.workflowId ?? name, history };
    });
    const problems = [];
    const replays = Worker.runReplayHistories({ workflowBundle, dataConverter, sinks: WITHOUT_SPANS }, histories);
    for await (const { workflowId, error } of replays) if (error !== undefined) problems.push({ workflowId, error });
    expect(problems).toEqual([]);
  });

  it('exists for every workflow type', () => {
    const types = files.map((name) => read(name).events[0].workflowExecutionStartedEventAttributes.workflowType.name);
    expect(new Set(types)).toEqual(new Set(Object.keys(workflows)));
  });

  it('that does not match the code fails to replay', async () => {
    const history = read('verified.json');
    const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
    const encoding = base64('json/plain');
    started.input.payloads[0] = { metadata: { encoding }, data: base64('{"request":{}}') };
    await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, history)).rejects.toThrow(
      /[Nn]ondeterminism/,
    );
  });
});
