import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { timeLimit } from '../../shared/time-limit.js';

it('a time limit aborts after its time even if nothing but its signal is referenced, and with the other signals', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const passed = once(timeLimit(50, new AbortController().signal).signal, 'abort');
  collect();
  await passed;
  const other = new AbortController();
  const ended = timeLimit(60_000, other.signal);
  other.abort();
  expect(ended.signal.aborted).toBe(true);
  expect(timeLimit(60_000, other.signal).signal.aborted).toBe(true);
  const cleared = timeLimit(0);
  cleared.clear();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(cleared.signal.aborted).toBe(false);
});
