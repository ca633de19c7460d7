import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** What a call came to: an answer, a failure, or nothing that matters any more. */
export type Settled<A> =
  | { readonly kind: 'answered'; readonly answer: A }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'interrupted' };

/**
 * Waits for the call, or until its answer no longer matters: then it is cancelled. Rejects where the workflow itself is cancelled.
 *
 * It makes do with few promises: the SDK keeps a stack trace of each, which is much of what a workflow costs its worker.
 */
export const settled = <A>(run: () => Promise<A>, interrupted: () => boolean): Promise<Settled<A>> => {
  const scope = new CancellationScope();
  let end: Settled<A> | undefined;
  scope.run(run).then(
    (answer) => {
      end = { kind: 'answered', answer };
    },
    (error: unknown) => {
      end = isCancellation(error) ? { kind: 'interrupted' } : { kind: 'failed', error };
    },
  );
  return condition(() => end !== undefined || interrupted()).then(() => {
    if (end !== undefined) return end;
    scope.cancel();
    return { kind: 'interrupted' };
  });
};
