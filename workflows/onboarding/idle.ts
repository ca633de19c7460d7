import { decide } from '../../domain/decide.js';
import type { OnboardingRun } from './run.js';

/**
 * Publishes what is due, hands over pending events, and waits: until a time (in ms since the Unix epoch), or until
 * there is work to do.
 */
export const idle = async (run: OnboardingRun, nextStepAt: number): Promise<void> => {
  const seen = run.appliedCount;
  run.searchAttributes.publishDue();
  await run.outbox.flush();
  if (run.shouldContinueAsNew()) return;
  const until = Math.min(nextStepAt, run.outbox.retryAt, run.searchAttributes.dueAt);
  await run.timer.waitUntil(until, hasWork(run, seen, until));
};

/**
 * Tells whether events applied after the first `seen` ones need more than to wait until the same time. It looks at each
 * event once: the SDK evaluates the condition at every message, and a decision costs time.
 */
const hasWork = (run: OnboardingRun, seen: number, until: number): (() => boolean) => {
  let decidedAfter = seen;
  return () => {
    if (run.shouldContinueAsNew()) return true;
    if (run.appliedCount === decidedAfter) return false;
    decidedAfter = run.appliedCount;
    const next = decide(run.state, run.now());
    return next.step !== 'wait' || Math.min(next.until, run.searchAttributes.dueAt) < until || run.outbox.hasPending;
  };
};
