import { type EpochMs, SECOND_MS } from '../shared/time.js';
import type { Change } from './changes.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { pendingChecks, reportsOn } from './reports.js';
import type { State } from './state.js';

/** The metrics of the funnel, each with its description. The tests compare `docs/operating.md` with it. */
export const METRICS = {
  onboarding_started: 'Onboardings that Verifik has registered, or that ended before',
  onboarding_ended: 'Onboardings that ended, by outcome and reason',
  onboarding_duration: 'Time from the start to the outcome',
  onboarding_check_duration: 'Time from the registration or the check before to the check that passed',
  onboarding_check_results: 'Passed checks and failed attempts, by check',
  onboarding_check_reasons: 'Reasons of failed attempts and of reviews, by event and reason',
  onboarding_reviews_decided: "Reviewers' decisions",
  onboarding_review_duration: 'Time from the beginning of a review to a decision',
  onboarding_pending_at_end: 'Checks that were open when the onboarding expired or was withdrawn',
} as const;

export type MetricName = keyof typeof METRICS;

/** The metrics that are histograms, in seconds. */
export const DURATIONS = [
  'onboarding_duration',
  'onboarding_check_duration',
  'onboarding_review_duration',
] as const satisfies readonly MetricName[];

type Duration = (typeof DURATIONS)[number];

/** Adds 1 to a counter, or a time to a histogram. The labels contain no personal data. */
export type Measurement = { readonly labels: Readonly<Record<string, string>> } & (
  | { readonly metric: Exclude<MetricName, Duration>; readonly seconds?: undefined }
  | { readonly metric: Duration; readonly seconds: number }
);

/** A step of an onboarding: the states before and after it, and their changes. */
export interface MeasuredStep {
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  readonly at: EpochMs;
}

const secondsBetween = (from: EpochMs, to: EpochMs): number => Math.max(to - from, 0) / SECOND_MS;

/** The time of the last registration that Verifik made, or of the first one that it resumed. */
const registeredAt = ({ record, startedAt }: State): EpochMs =>
  record?.generations?.findLast(({ how }, index) => index === 0 || how === 'created')?.at ?? startedAt;

/**
 * Returns when the applicant passed the check: at the first report that the read has confirmed. A read that many
 * reports cause confirms all of them at once, so that its own time says little about a single check.
 */
const passedAt = (before: State, after: State, name: CheckName): EpochMs | undefined => {
  const check = after.checks[name];
  if (check.status !== 'passed') return undefined;
  const reported = reportsOn(before, name)
    .filter(
      ({ result, validationId = check.validationId }) => result === 'passed' && validationId === check.validationId,
    )
    .map(({ at }) => at);
  return before.checks[name].status === 'passed' ? check.since : Math.min(check.since, ...reported);
};

/** The time from the registration, or from the check that passed last before this one. */
const checkSeconds = (before: State, after: State, name: CheckName): number => {
  const end = passedAt(before, after, name) ?? after.startedAt;
  const others = CHECK_NAMES.filter((other) => other !== name).flatMap((other) => passedAt(before, after, other) ?? []);
  const begins = [registeredAt(after), ...others].filter((begin) => begin < end);
  return secondsBetween(Math.max(...begins, after.startedAt), end);
};

const count = (metric: Exclude<MetricName, Duration>, labels: Measurement['labels'] = {}): Measurement => ({
  metric,
  labels,
});

const ofEnd = (
  { before, after }: MeasuredStep,
  change: Change & { type: 'onboarding.ended' },
): readonly Measurement[] => {
  const { outcome, reason, decidedAt } = change.decision;
  const droppedOut = outcome === 'expired' || outcome === 'withdrawn';
  return [
    count('onboarding_ended', { outcome, reason }),
    { metric: 'onboarding_duration', seconds: secondsBetween(after.startedAt, decidedAt), labels: { outcome } },
    ...(droppedOut ? pendingChecks(before).map((check) => count('onboarding_pending_at_end', { check, outcome })) : []),
  ];
};

const ofDecision = ({ before: { review }, at }: MeasuredStep, decision: string): readonly Measurement[] => [
  count('onboarding_reviews_decided', { decision }),
  ...(review === undefined
    ? []
    : [{ metric: 'onboarding_review_duration', seconds: secondsBetween(review.since, at), labels: {} } as const]),
];

const ofChange = (step: MeasuredStep, change: Change): readonly Measurement[] => {
  switch (change.type) {
    case 'onboarding.check.passed': {
      const { check } = change;
      const seconds = checkSeconds(step.before, step.after, check);
      return [
        count('onboarding_check_results', { check, result: 'passed' }),
        { metric: 'onboarding_check_duration', seconds, labels: { check } },
      ];
    }
    case 'onboarding.check.failed': {
      const { check, reason } = change;
      return [
        count('onboarding_check_results', { check, result: 'failed' }),
        ...(reason === undefined ? [] : [count('onboarding_check_reasons', { event: 'failed', reason })]),
      ];
    }
    case 'onboarding.review.needed':
      return change.reasons.map((reason) => count('onboarding_check_reasons', { event: 'review', reason }));
    case 'onboarding.review.decided':
      return ofDecision(step, change.decision);
    case 'onboarding.ended':
      return ofEnd(step, change);
    case 'onboarding.failed':
      return [count('onboarding_ended', { outcome: 'failed', reason: change.failure })];
    default:
      return [];
  }
};

const hasEnded = ({ type }: Change): boolean => type === 'onboarding.ended' || type === 'onboarding.failed';

/**
 * Returns what a step adds to the metrics. Each onboarding counts as started once, when its policy is known, so that
 * all its measurements have the same labels: `flow`, the project flow, and `policy`, the named policy in force or
 * `request`. Verifik limits the flows, and the workers' file the policies: before Verifik's first answer, which refuses
 * unknown ones, the flow is `unknown`.
 */
export const measurementsOf = (step: MeasuredStep, projectFlow: string): readonly Measurement[] => {
  const { before, after, changes } = step;
  const isKnown = after.generation > 0;
  const begins = before.generation === 0 && (isKnown || changes.some(hasEnded));
  const labels = { flow: isKnown ? projectFlow : 'unknown', policy: after.namedPolicy?.policyName ?? 'request' };
  const measured = [
    ...(begins ? [count('onboarding_started')] : []),
    ...changes.flatMap((change) => ofChange(step, change)),
  ];
  return measured.map((measurement) => ({ ...measurement, labels: { ...measurement.labels, ...labels } }));
};
