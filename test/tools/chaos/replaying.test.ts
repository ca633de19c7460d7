import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { beforeAll, expect, it } from 'vitest';
import { encryptingDataConverter, openKeyRing } from '../../../codec/index.js';
import { type RecordedHistory, replayAll } from '../../../tools/chaos/replaying.js';
import { keysOfHistories } from '../../support/encryption-keys.js';
import { installQuietRuntime } from '../../support/quiet-runtime.js';

const HISTORIES = fileURLToPath(new URL('../../histories/', import.meta.url));

const read = () => JSON.parse(readFileSync(`${HISTORIES}verified.json`, 'utf8'));

const recorded = (workflowId: string, history = read()): RecordedHistory => ({
  workflowId,
  history: historyFromJSON(history),
});

/** A history whose input was replaced, so that it does not replay. */
const altered = () => {
  const history = read();
  const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const encoding = base64('json/plain');
  started.input.payloads[0] = { metadata: { encoding }, data: base64('{"request":{}}') };
  return history;
};

const inTurn = async function* (...histories: readonly RecordedHistory[]) {
  yield* histories;
};

beforeAll(installQuietRuntime);

it('replayAll returns a result for every history, and saves a history that does not replay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onboarding-replaying-'));
  const dataConverter = encryptingDataConverter({ keys: await openKeyRing(keysOfHistories), namespace: 'default' });
  const odd = recorded('onboarding-shop:odd', altered());
  const events = odd.history.events?.length;
  const replayed = await replayAll(inTurn(recorded('first'), odd, recorded('last')), { dataConverter, folder });
  expect(replayed).toEqual([
    { workflowId: 'first', events },
    {
      workflowId: 'onboarding-shop:odd',
      events,
      mismatch: expect.stringContaining('[TMPRL1100] Nondeterminism error'),
    },
    { workflowId: 'last', events },
  ]);
  const [kept = ''] = readdirSync(folder);
  expect(kept).toMatch(/^onboarding-shop_odd\..*\.history\.json$/);
  expect(JSON.parse(readFileSync(join(folder, kept), 'utf8')).events).toHaveLength(events ?? 0);
});
