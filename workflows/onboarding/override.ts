import { CancellationScope } from '@temporalio/workflow';
import { overrideOf } from '../../domain/override.js';
import { defined } from '../../shared/defined.js';
import { MINUTE_MS } from '../../shared/time.js';
import type { OnboardingRun } from './run.js';
import { callDurably } from './vendor.js';

/** The workflow does not stay open for longer than this to tell Verifik the outcome. */
const WITHIN_MS = 10 * MINUTE_MS;

/**
 * Sets Verifik's status of the registration to the outcome, if the policy says so and the status is another. If Verifik
 * does not do so, the snapshot has the problem, and the outcome stays.
 */
export const overrideAtVendor = async (run: OnboardingRun): Promise<void> => {
  const override = overrideOf(run.state);
  if (override === undefined) return;
  const call = await CancellationScope.nonCancellable(() =>
    callDurably((activities) => activities.overrideAppRegistration({ ...override, project: run.request.project }), {
      summary: 'Set the status at Verifik to the outcome',
      withinMs: WITHIN_MS,
      interrupted: () => false,
      onDelay: () => undefined,
      ...defined({ batch: run.input.batch }),
    }),
  );
  if (call.kind === 'answered' && call.answer.kind === 'refused') noteProblem(run, call.answer.problem);
  if (call.kind === 'refused') noteProblem(run, call.failure.message);
  if (call.kind === 'unreachable') noteProblem(run, call.problem);
};

const noteProblem = (run: OnboardingRun, problem: string): void => run.apply({ type: 'OverrideRefused', problem });
