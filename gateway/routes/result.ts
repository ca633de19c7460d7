import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { unlessNotFound } from '../../client/calls/runs.js';
import { type OnboardingClient, OnboardingError } from '../../client/index.js';
import type { OnboardingResult } from '../../contract/messages.js';
import { SECOND_MS } from '../../shared/time.js';
import { type Api, routesOf } from '../codecs.js';
import type { LongPolls } from '../events/history.js';
import { Problem } from '../problems.js';
import { OnboardingPath } from '../schemas/ids.js';
import { ResultCodec, ResultQuery } from '../schemas/status.js';
import type { EventStreams } from './events.js';
import { resolveOnboarding } from './resolve-onboarding.js';

const route = routesOf('onboarding');

/** Adds the outcome of an onboarding, which Temporal keeps: no worker is asked. */
export const addResult = (
  app: Api,
  { client, temporal, longPolls }: { client: OnboardingClient; temporal: Client; longPolls: LongPolls },
  { streams, isAuthorized }: Pick<EventStreams, 'streams' | 'isAuthorized'>,
): void => {
  const isRunning = async (workflowId: string): Promise<boolean> => {
    const description = await unlessNotFound(temporal.workflow.getHandle(workflowId).describe());
    if (description === undefined) throw new Problem('notFound');
    return description.status.name === 'RUNNING';
  };

  const resultWithin = async (
    workflowId: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<OnboardingResult> => {
    try {
      return await client.result(workflowId, { timeoutMs, signal });
    } catch (error) {
      const isOver = signal.aborted || (error instanceof OnboardingError && error.type === 'TimedOut');
      throw isOver ? new Problem('notDecided', { cause: error }) : error;
    }
  };

  app.get(
    '/v1/onboardings/:id/result',
    route('read', ['notFound', 'notDecided', 'closedWithoutOutcome', 'tooManyStreams'], {
      operationId: 'getResult',
      summary: 'Get the outcome of an onboarding',
      description:
        'With `wait`, responds once the onboarding is decided, or with 409 `notDecided` after that many seconds. Temporal answers, so that the outcome is available without a worker.',
      params: OnboardingPath,
      querystring: ResultQuery,
      response: { 200: ResultCodec },
    }),
    async (request, reply) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const { wait = 0 } = request.query;
      const signal = streams.open(request, reply);
      const mayWait = wait > 0 && longPolls.take(signal);
      if (wait > 0 && !mayWait) await pause(SECOND_MS);
      if (!mayWait && (await isRunning(workflowId))) throw new Problem('notDecided');
      const result = await resultWithin(workflowId, (mayWait ? wait : 1) * SECOND_MS, signal);
      if (!(await isAuthorized(request))) throw new Problem('unauthenticated');
      return { id, ...result };
    },
  );
};
