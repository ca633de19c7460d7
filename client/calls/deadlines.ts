import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@temporalio/client';

/** The deadline of the current call, in ms since the Unix epoch. The SDK has it, too, but does not publish it. */
const current = new AsyncLocalStorage<number>();

const deadline = (): number => current.getStore() ?? Number.POSITIVE_INFINITY;

/** Makes calls to Temporal with a deadline, in ms since the Unix epoch. Within another call, the earlier applies. */
export const withDeadline = <A>(
  client: Pick<Client, 'withDeadline'>,
  at: number,
  call: () => Promise<A>,
): Promise<A> => {
  const earliest = Math.min(at, deadline());
  return current.run(earliest, () => client.withDeadline(earliest, call));
};

/** True if the deadline of the current call has passed. */
export const isPastDeadline = (): boolean => Date.now() >= deadline();
