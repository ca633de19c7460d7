import { createHash } from 'node:crypto';
import type { Snapshot } from '../../domain/snapshot.js';
import { SECOND_MS } from '../../shared/time.js';
import { type Api, routesOf } from '../codecs.js';
import type { Feed, View } from '../events/feed.js';
import { Problem } from '../problems.js';
import { OnboardingPath } from '../schemas/ids.js';
import { OnboardingCodec } from '../schemas/onboarding.js';
import { IfNoneMatchHeaders, NotModifiedCodec, WaitQuery } from '../schemas/status.js';
import type { ReadStatus } from '../status-reads.js';
import type { EventStreams } from './events.js';
import { resolveOnboarding } from './resolve-onboarding.js';

const route = routesOf('onboarding');

const entityTagOf = (status: object): string =>
  `"${createHash('sha256').update(JSON.stringify(status)).digest('base64url')}"`;

/** Compares weakly (RFC 9110, 13.1.2): a proxy that compresses responses makes their tags weak. */
const hasTag = (condition: string | undefined, tag: string): boolean =>
  condition?.split(',').some((given) => ['*', tag, `W/${tag}`].includes(given.trim())) ?? false;

interface Waiting {
  readonly isKnown: (snapshot: Snapshot) => boolean;
  readonly read: () => Promise<Snapshot>;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until the onboarding differs from the known status, and returns its status: also if it has ended, `withinMs`
 * has passed or the signal aborts. Never returns what was read before the call, because the known status can be newer.
 */
const readChanged = async (follow: () => Promise<Feed>, waiting: Waiting): Promise<Snapshot> => {
  const { isKnown, read, withinMs, signal } = waiting;
  const began = performance.now();
  const feed = await follow();
  const current = (view: View) => (view.isGone || feed.readAt() < began ? read() : view.snapshot);
  for (;;) {
    const view = feed.view();
    const leftMs = began + withinMs - performance.now();
    const isOver = view.ended || signal.aborted || leftMs <= 0;
    if (isOver || !isKnown(view.snapshot)) {
      const snapshot = await current(view);
      if (isOver || !isKnown(snapshot)) return snapshot;
    }
    await feed.changed(view, leftMs, signal);
  }
};

/** Adds the status of an onboarding, conditional and waiting. */
export const addStatus = (app: Api, readStatus: ReadStatus, { feeds, streams, isAuthorized }: EventStreams): void => {
  app.get(
    '/v1/onboardings/:id',
    route('read', ['notFound', 'tooManyStreams'], {
      operationId: 'getOnboarding',
      summary: 'Get the status of an onboarding',
      description:
        'With the `ETag` of a former response in `If-None-Match`, responds with 304 while the status is the same; with `wait`, only after that many seconds or once it has changed.',
      params: OnboardingPath,
      querystring: WaitQuery,
      headers: IfNoneMatchHeaders,
      response: { 200: OnboardingCodec, 304: NotModifiedCodec },
    }),
    async (request, reply) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const { wait = 0 } = request.query;
      const known = request.headers['if-none-match'];
      const tagOf = (snapshot: Snapshot) => entityTagOf({ id, ...snapshot });
      const read = () => readStatus(workflowId);
      const waitForChange = async () => {
        const signal = streams.open(request, reply);
        const isKnown = (snapshot: Snapshot) => hasTag(known, tagOf(snapshot));
        const snapshot = await readChanged(() => feeds.follow(workflowId, signal), {
          isKnown,
          read,
          withinMs: wait * SECOND_MS,
          signal,
        });
        if (!(await isAuthorized(request))) throw new Problem('unauthenticated');
        return snapshot;
      };
      // `*` is every status, so that no change could end the wait.
      const mayWait = wait > 0 && known !== undefined && known.trim() !== '*';
      const snapshot = await (mayWait ? waitForChange() : read());
      const tag = tagOf(snapshot);
      reply.header('etag', tag);
      return hasTag(known, tag) ? reply.code(304).send(undefined) : { id, ...snapshot };
    },
  );
};
