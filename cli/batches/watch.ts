import type { BatchClient, BatchResult, CallOptions, LiveBatchProgress } from '../../client/index.js';
import { SECOND_MS } from '../../shared/time.js';
import type { CliContext } from '../context.js';
import { followToTheEnd } from '../follow.js';
import { plain } from '../format/text.js';
import { liveOutput, type Terminal } from '../terminal.js';
import { batchLine, batchLines, resultLine, warningOf } from './format.js';

const JSON_EVERY_MS = SECOND_MS;
/** Keeps logs short, as a batch may run for days. */
const LINE_EVERY_MS = 10 * SECOND_MS;

type Show = (progress: LiveBatchProgress) => void;

/** Shows a changed status at once, and changed counts at most once in the given time. */
const throttled = (everyMs: number, show: Show): Show => {
  let last: { readonly at: number; readonly status: string; readonly shown: string } | undefined;
  return (progress) => {
    const { status, scan, onboardings, callsPerSecond, problem } = progress;
    const shown = JSON.stringify([scan, onboardings, callsPerSecond, problem]);
    const now = Date.now();
    const isSame = last?.status === status && last.shown === shown;
    const isEnd = status === 'ended' || status === 'cancelled';
    const isSoon = last?.status === status && !isEnd && now - last.at < everyMs;
    if (isSame || isSoon) return;
    last = { at: now, status, shown };
    show(progress);
  };
};

/** Returns the function that shows progress: as JSON, as log lines, or as live output on a terminal. */
const outputOn = (terminal: Terminal, json: boolean): Show => {
  // Without the request, which never changes, and may be long.
  if (json) return throttled(JSON_EVERY_MS, ({ request: _, ...progress }) => terminal.json(progress));
  if (!terminal.isLive) return throttled(LINE_EVERY_MS, (progress) => terminal.line(batchLine(progress, Date.now())));
  const draw = liveOutput(process.stdout);
  return (progress) => draw(batchLines(progress, terminal.style, Date.now()));
};

/**
 * Follows a batch to its end, and shows its result. If the batch was cancelled, the command exits as `stopped`; if the
 * list at Verifik has nothing for it, as `notFound`: a script must not take the wrong project for a clean audit.
 */
export const watchBatch = async (
  { terminal, exitWith }: CliContext,
  batches: BatchClient,
  batch: string,
  json: boolean,
  call: CallOptions,
): Promise<void> => {
  const show = outputOn(terminal, json);
  let last: LiveBatchProgress | undefined;
  const result = await followToTheEnd<BatchResult>({
    what: 'batch',
    result: () => batches.result(batch),
    look: async (options) => {
      last = await batches.progress(batch, options);
      show(last);
    },
    note: terminal.note,
    ...call,
  });
  if (json) terminal.json({ result });
  else terminal.line(resultLine(result));
  const warning = last && warningOf(last);
  if (warning !== undefined && (json || !terminal.isLive)) terminal.note(`Warning: ${plain(warning)}`);
  if (result.stopped === 'cancelled') exitWith('stopped');
  else if (warning !== undefined && last?.request.source.kind === 'list') exitWith('notFound');
};
