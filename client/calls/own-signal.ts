import type { ConnectionLike } from '@temporalio/client';
import { following } from '../../shared/time-limit.js';

/**
 * Makes calls that end when the signal aborts, with a signal of their own: the SDK (1.24) never removes its listeners
 * from one.
 */
export const withOwnSignal = async <A>(
  connection: ConnectionLike,
  signal: AbortSignal,
  call: () => Promise<A>,
): Promise<A> => {
  const { controller, stop } = following(signal);
  try {
    return await connection.withAbortSignal(controller.signal, call);
  } finally {
    stop();
  }
};
