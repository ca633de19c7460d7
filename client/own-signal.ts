import type { ConnectionLike } from '@temporalio/client';

/**
 * Makes calls that end when the signal aborts, with a signal of their own: the SDK (1.24) never removes its listeners
 * from one. Not by `AbortSignal.any`, which can lose an abort when its source is collected (nodejs/node#57736, #65995).
 */
export const withOwnSignal = async <A>(
  connection: ConnectionLike,
  signal: AbortSignal,
  call: () => Promise<A>,
): Promise<A> => {
  const own = new AbortController();
  const abort = () => own.abort();
  signal.addEventListener('abort', abort);
  try {
    return await connection.withAbortSignal(own.signal, call);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
