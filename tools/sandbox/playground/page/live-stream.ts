import { pathOf, readSnapshot } from './gateway.js';
import { feedbackOf } from './http.js';
import { at, numberAt, parsed, textAt } from './json.js';
import { EVENTS } from './words.js';

interface StreamHandlers {
  readonly onSnapshot: (snapshot: unknown) => void;
  /** Receives each event once. `moment` is in ms since the Unix epoch. */
  readonly onEvent: (type: string, moment: number, data: unknown) => void;
  readonly onState: (state: 'following' | 'reconnecting' | 'ended' | { readonly error: string }) => void;
}

const FINAL_EVENTS = ['onboarding.ended', 'onboarding.failed'];

const RECONNECT_DELAY_MS = 3_000;

/** Follows an onboarding's event stream until it ends. Returns a function that stops it. */
export const followStream = (id: string, { onSnapshot, onEvent, onState }: StreamHandlers): (() => void) => {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let ended = false;
  let seen = 0;

  const stop = (): void => {
    stopped = true;
    source?.close();
    clearTimeout(timer);
  };

  /** Reads the onboarding after the stream has ended or was refused, and reconnects if the onboarding is open. */
  const finish = async (): Promise<void> => {
    source?.close();
    const last = await readSnapshot(id);
    if (stopped) return;
    if (last.ok) onSnapshot(last.body);
    if (ended) return onState('ended');
    const mayRetry = last.ok || [0, 429].includes(last.status) || last.status >= 500;
    if (!mayRetry) return onState({ error: feedbackOf(last).text });
    onState('reconnecting');
    timer = setTimeout(connect, RECONNECT_DELAY_MS);
  };

  const onData = (type: string, text: string): void => {
    const body = parsed(text);
    const sequence = numberAt(body, 'data', 'sequence') ?? 0;
    if (sequence <= seen) return;
    seen = sequence;
    onEvent(type, Date.parse(textAt(body, 'timestamp') ?? '') || Date.now(), at(body, 'data'));
    if (!FINAL_EVENTS.includes(type)) return;
    ended = true;
    void finish();
  };

  const connect = (): void => {
    const opened = new EventSource(`${pathOf(id)}/events/stream?after=${seen}`);
    source = opened;
    opened.addEventListener('open', () => onState('following'));
    opened.addEventListener('status', ({ data }) => onSnapshot(parsed(data)));
    for (const type of Object.keys(EVENTS)) opened.addEventListener(type, ({ data }) => onData(type, data));
    opened.addEventListener('error', () => {
      if (ended || stopped) return;
      // The browser does not reconnect by itself after an error response.
      if (opened.readyState === EventSource.CLOSED) void finish();
      else onState('reconnecting');
    });
  };

  connect();
  return stop;
};
