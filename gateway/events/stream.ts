import { Readable } from 'node:stream';
import { wireEvent } from '../../domain/changes.js';
import { SECOND_MS } from '../../shared/time.js';
import type { Feed } from './feed.js';

/** Proxies close silent connections, usually after 30 s or more. */
const HEARTBEAT_MS = 15 * SECOND_MS;

export interface StreamOptions {
  readonly id: string;
  /** The sequence number of the last event that the reader knows. */
  readonly after: number;
  /** Resolves to true while the caller is authorized. Called before each write. */
  readonly mayRead: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

type FollowedFeed = Pick<Feed, 'view' | 'changed'>;

const message = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

async function* messages(feed: FollowedFeed, { id, after, mayRead, signal }: StreamOptions): AsyncGenerator<string> {
  let sent = after;
  let status = '';
  while (!signal.aborted && (await mayRead())) {
    const view = feed.view();
    const lines: string[] = [];
    for (const event of view.events.filter(({ sequence }) => sequence > sent)) {
      lines.push(message(event.type, wireEvent(event, id), event.sequence));
      sent = event.sequence;
    }
    const now = message('status', { id, ...view.snapshot });
    if (now !== status) lines.push(now);
    status = now;
    yield lines.length === 0 ? ': still here\n\n' : lines.join('');
    if (view.ended) return;
    await feed.changed(view, HEARTBEAT_MS, signal);
  }
}

/**
 * Streams an onboarding as server-sent events: the events since `after` and the status, then each change until the
 * onboarding ends. Nothing is buffered for a slow reader, who receives the changes since the last write at once.
 */
export const streamOf = (feed: FollowedFeed, options: StreamOptions): Readable =>
  Readable.from(messages(feed, options), { objectMode: false });
