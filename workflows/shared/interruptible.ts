import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** The end of a call: an answer, a failure, or an interruption. */
export type Interruptible<A> =
  | { readonly kind: 'answered'; readonly answer: A }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'interrupted' };

/**
 * Waits for a call, or cancels it when `interrupted` becomes true. Rejects where the workflow itself is cancelled.
 *
 * It creates few promises: the SDK keeps a stack trace of each, which is a large part of the CPU time that a workflow needs.
 */
export const interruptible = <A>(run: () => Promise<A>, interrupted: () => boolean): Promise<Interruptible<A>> => {
  const scope = new CancellationScope();
  let end: Interruptible<A> | undefined;
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
