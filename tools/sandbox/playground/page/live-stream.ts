import { pathOf, readSnapshot } from './gateway.js';
import { numberAt, parsed, textAt } from './reading.js';
import { EVENTS } from './words.js';

/** An event of an onboarding. */
export interface OnboardingEvent {
  readonly type: string;
  readonly sequence: number;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly body: unknown;
}

export interface Following {
  readonly onSnapshot: (snapshot: unknown) => void;
  readonly onEvent: (event: OnboardingEvent) => void;
  readonly onState: (state: 'following' | 'again' | 'over' | { readonly refused: string }) => void;
}

const LAST = ['onboarding.ended', 'onboarding.failed'];

const CONNECT_AGAIN_MS = 3_000;

/** Follows an onboarding's stream of events until it ends or the answered function is called. */
export const followStream = (id: string, { onSnapshot, onEvent, onState }: Following): (() => void) => {
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

  /** The stream is over, or was refused: the onboarding itself says why. */
  const finish = async (): Promise<void> => {
    source?.close();
    const last = await readSnapshot(id);
    if (stopped) return;
    if (last.ok) onSnapshot(last.value);
    if (ended) return onState('over');
    if (!last.ok && !last.passing) return onState({ refused: last.said.text });
    onState('again');
    timer = setTimeout(connect, CONNECT_AGAIN_MS);
  };

  const onData = (type: string, text: string): void => {
    const body = parsed(text);
    const sequence = numberAt(body, 'data', 'sequence') ?? 0;
    if (sequence <= seen) return;
    seen = sequence;
    onEvent({ type, sequence, body, at: Date.parse(textAt(body, 'timestamp') ?? '') || Date.now() });
    if (!LAST.includes(type)) return;
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
      // Where it was refused, the browser does not connect again by itself.
      if (opened.readyState === EventSource.CLOSED) void finish();
      else onState('again');
    });
  };

  connect();
  return stop;
};
