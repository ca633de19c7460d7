import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';

// The same as in @temporalio/workflow, which a client would have to install for these three functions. The types of
// arguments and results exist only at compile time, so that no value can have them without a cast.

/** Defines a signal of a workflow. */
export const defineSignal = <Args extends unknown[]>(name: string) =>
  ({ type: 'signal', name }) as SignalDefinition<Args>;

/** Defines a query of a workflow. */
export const defineQuery = <Result, Args extends unknown[] = []>(name: string) =>
  ({ type: 'query', name }) as QueryDefinition<Result, Args>;

/** Defines an update of a workflow. */
export const defineUpdate = <Result, Args extends unknown[]>(name: string) =>
  ({ type: 'update', name }) as UpdateDefinition<Result, Args>;
