import type { Headers } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** The header in which a client that traces passes its trace context on. */
const TRACE_HEADER = '_tracer-data';

const isTraced = ({ headers }: { readonly headers: Headers }): boolean => TRACE_HEADER in headers;

// Loaded only by workflows that need it: the library has module state, which each workflow would have to load.
const openSpans = async () => {
  const [{ OpenTelemetryInboundInterceptor, OpenTelemetryOutboundInterceptor }, { trace }] = await Promise.all([
    import(/* webpackMode: "eager" */ '@temporalio/interceptors-opentelemetry/lib/workflow/index.js'),
    import(/* webpackMode: "eager" */ '@opentelemetry/api'),
  ]);
  return {
    inbound: new OpenTelemetryInboundInterceptor(),
    outbound: new OpenTelemetryOutboundInterceptor(),
    isActive: () => trace.getActiveSpan() !== undefined,
  };
};

type Spans = Awaited<ReturnType<typeof openSpans>>;

let spans: Spans | undefined;

const execute = async (...[input, next]: Parameters<Spans['inbound']['execute']>): Promise<unknown> => {
  spans = await openSpans();
  return spans.inbound.execute(input, next);
};

/** The interceptors of commands, if a command is a part of a trace. */
const outbound = () => (spans?.isActive() === true ? spans.outbound : undefined);

/**
 * Continues the trace of the client that started the workflow: a span for the run, each signal and update with a trace,
 * each activity, and the next run. A workflow that was started without a trace issues the same commands without
 * headers. The history alone decides, not the worker's settings, so that a replay goes the same way.
 *
 * Queries have no span: its random id would change the random numbers of the workflow, which a replay repeats.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: (input, next) => (isTraced(input) ? execute(input, next) : next(input)),
      handleSignal: (input, next) =>
        spans !== undefined && isTraced(input) ? spans.inbound.handleSignal(input, next) : next(input),
      handleUpdate: (input, next) =>
        spans !== undefined && isTraced(input) ? spans.inbound.handleUpdate(input, next) : next(input),
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => outbound()?.scheduleActivity(input, next) ?? next(input),
      scheduleLocalActivity: (input, next) => outbound()?.scheduleLocalActivity(input, next) ?? next(input),
      continueAsNew: (input, next) => outbound()?.continueAsNew(input, next) ?? next(input),
    },
  ],
});
