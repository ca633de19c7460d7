import { type Context, context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { isUnaudited } from './audit.js';

declare module 'fastify' {
  interface FastifyRequest {
    traceContext: Context | undefined;
  }
}

/** Adds a span to each audited request, which continues the caller's trace (`traceparent`). */
export const addTracing = (app: FastifyInstance): void => {
  const tracer = trace.getTracer('verifik-onboarding');
  app.decorateRequest('traceContext', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    if (isUnaudited(request)) return done();
    const { method, routeOptions, headers } = request;
    const { url: route } = routeOptions;
    const parent = propagation.extract(ROOT_CONTEXT, headers);
    const span = tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': route ?? 'none' } },
      parent,
    );
    request.traceContext = trace.setSpan(parent, span);
    done();
  });
  // The context of an earlier hook is lost while the body is read.
  app.addHook('preValidation', ({ traceContext }, _reply, done) => {
    if (traceContext === undefined) done();
    else context.with(traceContext, done);
  });
  app.addHook('onResponse', ({ traceContext, context: { onboarding } }, { statusCode }, done) => {
    const span = traceContext && trace.getSpan(traceContext);
    span?.setAttribute('http.response.status_code', statusCode);
    if (onboarding !== undefined) span?.setAttribute('onboarding.id', onboarding);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
};
