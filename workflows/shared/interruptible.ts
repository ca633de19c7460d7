import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';

/** The end of a call: its result, a failure, or an interruption. */
export type Interruptible<A> =
  | { readonly kind: 'answered'; readonly answer: A }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'interrupted' };

/**
 * Waits for a call, and cancels it when `interrupted` becomes true. Rejects if the workflow itself is cancelled.
 *
 * Creates few promises: the SDK records a stack trace for each, which is a large part of a workflow's CPU time.
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

/**
 * Returns the cause of a failed activity. Local activities reject with the cause itself, others with an
 * `ActivityFailure` around it.
 */
export const activityFailureCause = (error: unknown): ApplicationFailure | TimeoutFailure | undefined => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure || cause instanceof TimeoutFailure ? cause : undefined;
};
