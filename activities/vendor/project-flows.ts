import { cancelled, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { LRUCache } from 'lru-cache';
import { type FlowProblem, flowProblem, type ProjectFlow, type RequiredChecks } from '../../domain/project-flow.js';
import { MINUTE_MS } from '../../shared/time.js';
import type { VerifikClient, VerifikError } from '../../verifik/index.js';
import { invalidRequest } from '../failures.js';
import { callOptions, fail } from './vendor-call.js';

const MAX_FLOWS = 1_000;

/**
 * Reads the project flow of a request. `undefined`: Verifik does not show it. Fails the activity if Verifik cannot be
 * read, and with `InvalidRequest` or `Misconfigured` if the flow cannot serve the request.
 */
export type FlowReader = (
  verifik: VerifikClient,
  projectFlow: string,
  required: RequiredChecks,
) => Promise<ProjectFlow | undefined>;

type FlowRead = E.Either<VerifikError, ProjectFlow | undefined>;

/** True if Verifik never shows the flow: its API has no such call, or the client must not use it. */
const isHidden = ({ type, status, code }: VerifikError): boolean =>
  type === 'NotSupported' || (type === 'Credentials' && status === 403 && code !== 'token_expired');

const readFlow = async (verifik: VerifikClient, projectFlow: string, requestId: string): Promise<FlowRead> => {
  const read = await verifik.getProjectFlow(projectFlow, { requestId })();
  if (E.isRight(read) || !isHidden(read.left)) return read;
  log.warn('Verifik does not show the project flow: onboardings require every check that their contact allows', {
    projectFlow,
    code: read.left.code,
  });
  return E.right(undefined);
};

const refuse = (problem: FlowProblem): never => {
  if (problem.type === 'Misconfigured') throw ApplicationFailure.create({ ...problem, nonRetryable: true });
  const { type: _type, ...error } = problem;
  throw invalidRequest(error);
};

/**
 * Creates a reader that keeps each flow for a minute and reads it once for all activities that wait for it. So that a
 * correction at Verifik takes effect at once, failed reads and flows that are not active are not kept, and a kept flow
 * is read again before it refuses a request.
 */
export const projectFlows = (): FlowReader => {
  const reads = new LRUCache<string, Promise<FlowRead>>({ max: MAX_FLOWS, ttl: MINUTE_MS });
  const start = (verifik: VerifikClient, projectFlow: string): Promise<FlowRead> => {
    // Without the activity's cancellation: others wait for the same read.
    const started = readFlow(verifik, projectFlow, callOptions().requestId).then((read) => {
      const isKept = E.isRight(read) && (read.right?.status ?? 'active') === 'active';
      if (!isKept && reads.peek(projectFlow) === started) reads.delete(projectFlow);
      return read;
    });
    reads.set(projectFlow, started);
    return started;
  };
  return async (verifik, projectFlow, required) => {
    const awaited = async (started: Promise<FlowRead>) => {
      const read = await Promise.race([started, cancelled()]);
      const flow = E.isRight(read) ? read.right : fail(read.left);
      return { flow, problem: flow === undefined ? undefined : flowProblem(flow, required) };
    };
    const kept = reads.get(projectFlow);
    const first = await awaited(kept ?? start(verifik, projectFlow));
    const isOutdated = kept !== undefined && first.problem !== undefined;
    const { flow, problem } = isOutdated ? await awaited(start(verifik, projectFlow)) : first;
    return problem === undefined ? flow : refuse(problem);
  };
};
