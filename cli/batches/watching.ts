import type { BatchClient, BatchResult, BatchStanding } from '../../client/index.js';
import { SECOND_MS } from '../../shared/time.js';
import type { CliContext } from '../context.js';
import type { Terminal } from '../terminal.js';
import { canvas } from '../watching/canvas.js';
import { followToTheEnd } from '../watching/to-the-end.js';
import { batchLine, batchLines, resultLine } from './showing.js';

const LOOK_EVERY_MS = SECOND_MS;
/** In a log, a batch of days is not to be told of every second. */
const LINE_EVERY_MS = 10 * SECOND_MS;

const isEnd = ({ status }: BatchStanding): boolean => status === 'ended' || status === 'cancelled';

/** Passes on what is new: at once where the status is, now and then where only the counts are. */
const sparingly = (everyMs: number, show: (standing: BatchStanding) => void): ((standing: BatchStanding) => void) => {
  let last: { readonly at: number; readonly status: string; readonly seen: string } | undefined;
  return (standing) => {
    const { status, walked, onboardings, callsPerSecond, problem } = standing;
    const seen = JSON.stringify([walked, onboardings, callsPerSecond, problem]);
    const now = Date.now();
    const isSame = last?.status === status && last.seen === seen;
    const isSoon = last?.status === status && !isEnd(standing) && now - last.at < everyMs;
    if (isSame || isSoon) return;
    last = { at: now, status, seen };
    show(standing);
  };
};

/** What is asked for stays the same, and may be long. */
const withoutRequest = ({ request: _, ...standing }: BatchStanding) => standing;

/** Shows a batch as the terminal, the file or the pipe takes it. */
const showingOn = (terminal: Terminal, json: boolean): ((standing: BatchStanding) => void) => {
  if (json) return sparingly(LOOK_EVERY_MS, (standing) => terminal.json(withoutRequest(standing)));
  if (!terminal.isLive) return sparingly(LINE_EVERY_MS, (standing) => terminal.line(batchLine(standing, Date.now())));
  const draw = canvas(process.stdout);
  return (standing) => draw(batchLines(standing, terminal.style, Date.now()));
};

/** Follows a batch to its end, and shows what it came to. Cancelled, it ends the command as `stopped`. */
export const watchBatch = async (
  { terminal, exitWith }: CliContext,
  batches: BatchClient,
  batch: string,
  { json, timeoutMs }: { readonly json: boolean; readonly timeoutMs?: number | undefined },
): Promise<void> => {
  const show = showingOn(terminal, json);
  const result = await followToTheEnd<BatchResult>({
    what: 'batch',
    result: () => batches.result(batch),
    look: async (call) => show(await batches.progress(batch, call)),
    note: terminal.note,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (json) terminal.json({ result });
  else terminal.line(resultLine(result));
  if (result.stopped === 'cancelled') exitWith('stopped');
};
