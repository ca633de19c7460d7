import * as t from 'io-ts';
import { documented, oneOf } from '../shared/decoding.js';
import { CHECK_REASON_CODES } from './check-reasons.js';
import { perCheck } from './checks.js';
import { CheckNameCodec } from './ids.js';
import { type Decision, OUTCOMES, REASONS } from './outcomes.js';
import type { Policy } from './policy/policy.js';
import { REGISTRATION_STATUSES } from './vendor-registration.js';

export const Moment = documented(t.number, { type: 'integer', description: 'ms since the Unix epoch.' });
export const Count = documented(t.number, { type: 'integer' });

export const CheckReasonCodec = documented(oneOf(CHECK_REASON_CODES), { title: 'CheckReasonCode' });

export const RegistrationStatusCodec = documented(oneOf(REGISTRATION_STATUSES), { title: 'RegistrationStatus' });

const PolicyCodec: t.Type<Policy> = documented(
  t.intersection([
    t.type({
      required: t.readonlyArray(CheckNameCodec),
      attemptLimits: t.type(perCheck(() => Count)),
      deadlineMs: Count,
      reminders: t.type({ afterMs: Count, max: Count }),
      reconcile: t.type({ firstMs: Count, maxMs: Count }),
      comparisonWithinMs: Count,
      contactChange: oneOf(['accept', 'review']),
      closing: oneOf(['api', 'page']),
      override: oneOf(['none', 'reviews', 'ends']),
      review: t.type({ withinMs: Count, escalateBeforeMs: Count, atDeadline: oneOf(['wait', 'reject']) }),
    }),
    t.partial({ approval: oneOf(['required']), verifiedForMs: Count, validityNoticeMs: Count }),
  ]),
  { title: 'Policy', description: 'The policy that was in force: the request, the project flow and the defaults.' },
);

/** The fields of `NamedPolicy`. */
export const NAMED_POLICY_PROPS = {
  policyName: documented(t.string, {
    description:
      "The name of the policy in the workers' file, if the request named one. A canary has a name of its own.",
  }),
  policyRevision: documented(t.string, { description: "The policy's version in the file." }),
  policyHash: documented(t.string, {
    description: 'The SHA-256 of `policy` in canonical JSON (RFC 8785), in hexadecimal.',
  }),
};

export const DecisionCodec: t.Type<Decision> = documented(
  t.intersection([
    t.type({
      outcome: documented(oneOf(OUTCOMES), { title: 'Outcome' }),
      reason: documented(t.keyof(REASONS), { title: 'OutcomeReason' }),
      sentence: t.string,
      decidedAt: Moment,
      policyVersion: t.string,
      policy: PolicyCodec,
    }),
    t.partial({
      ...NAMED_POLICY_PROPS,
      flowVersion: documented(t.number, {
        description: 'The version of the project flow when the onboarding started.',
      }),
      check: CheckNameCodec,
      reviewer: t.string,
      validUntil: Moment,
    }),
  ]),
  { title: 'Decision', description: 'The outcome of the onboarding, its reason, time and policy.' },
);
