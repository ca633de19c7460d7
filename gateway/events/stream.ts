import { Readable } from 'node:stream';
import { wireEvent } from '../../domain/changes.js';
import { SECOND_MS } from '../../shared/time.js';
import type { Feed } from './feed.js';

/** Proxies take a connection for dead on which nothing is said for long; half a minute is short for them. */
const HEARTBEAT_MS = 15 * SECOND_MS;

export interface StreamOptions {
  /** What the caller knows the onboarding by. */
  readonly id: string;
  /** The sequence number of the last event that is known already. */
  readonly after: number;
  /** Whether the caller may go on reading. Asked whenever something is to be said. */
  readonly mayRead: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** What is followed. */
type Followed = Pick<Feed, 'view' | 'changed'>;

const said = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

async function* tell(feed: Followed, { id, after, mayRead, signal }: StreamOptions): AsyncGenerator<string> {
  let told = after;
  let status = '';
  while (!signal.aborted && (await mayRead())) {
    const { view } = feed;
    const lines: string[] = [];
    for (const event of view.events.filter(({ sequence }) => sequence > told)) {
      lines.push(said(event.type, wireEvent(event, id), event.sequence));
      told = event.sequence;
    }
    const now = said('status', { id, ...view.snapshot });
    if (now !== status) lines.push(now);
    status = now;
    yield lines.length === 0 ? ': still here\n\n' : lines.join('');
    if (view.over) return;
    await feed.changed(view, HEARTBEAT_MS, signal);
  }
}

/**
 * What happens to an onboarding, as server-sent events: what has happened since `after`, where it stands, and then what changes, until
 * it is over. Nothing is kept for a reader who is slow: what changes meanwhile is told at once when they are ready.
 */
export const streamOf = (feed: Followed, options: StreamOptions): Readable =>
  Readable.from(tell(feed, options), { objectMode: false });
