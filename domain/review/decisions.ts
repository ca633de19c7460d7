import { defined } from '../../shared/defined.js';
import { type CheckName, perCheck } from '../checks.js';
import { contactChanges, withVendorContact } from '../contact-changes.js';
import { type Check, isRequired, pendingCheck, type State } from '../state.js';
import type { TransitionOf } from '../transitions.js';
import { claimAt } from './clock.js';
import type { ReviewedCheck, ReviewRecord, VoidedValidation } from './records.js';
import { awaitsRequiredApproval, isInReview, underReview } from './state.js';

/** Enough for every review of an onboarding, unless a reviewer requests checks again and again. */
const MAX_RECORDS = 20;

/** Keeps the state small enough for continue-as-new. */
const MAX_VOIDED = 500;

const reviewedChecks = ({ checks }: State, names: readonly CheckName[]): readonly ReviewedCheck[] =>
  names.map((name) => {
    const check = checks[name];
    const { validationId, reason } = isRequired(check) ? check : {};
    return { check: name, ...defined({ validationId, reason }) };
  });

const withRecord = (state: State, record: Omit<ReviewRecord, 'reviewed'>): State => {
  const claimed = claimAt(state, record.at)?.reviewer;
  const overruled = claimed === record.reviewer ? undefined : claimed;
  return {
    ...state,
    reviews: [
      ...(state.reviews ?? []),
      { ...record, reviewed: reviewedChecks(state, record.checks), ...defined({ overruled }) },
    ].slice(-MAX_RECORDS),
  };
};

const withAcceptedContact = (state: State, approved: readonly CheckName[]): State => {
  const { changedContact, ...rest } = state;
  if (changedContact === undefined) return state;
  const channels = contactChanges(state.contact, changedContact).filter((channel) => approved.includes(channel));
  return channels.length === 0
    ? state
    : { ...rest, contact: withVendorContact(state.contact, changedContact, channels) };
};

const approve = (state: State, names: readonly CheckName[], reviewer: string, at: number): State => {
  const checks = perCheck((name): Check => {
    const current = state.checks[name];
    return isRequired(current) && names.includes(name)
      ? { ...current, status: 'passed', approvedBy: reviewer, since: at }
      : current;
  });
  const serial = state.lastReportSerial + 1;
  const approved: State = {
    ...withAcceptedContact(state, names),
    checks,
    lastReportSerial: serial,
    approvalUnread: serial,
    readRequired: true,
    finaliseTried: false,
  };
  // The reviewer who approves the last check also approves the registration, if Verifik holds it for review now.
  const isWhole = isInReview(state) && underReview(approved).length === 0;
  return {
    ...approved,
    ...(isWhole ? { approvedBy: reviewer } : {}),
    ...(awaitsRequiredApproval(state) ? { requiredApprovalBy: reviewer } : {}),
  };
};

/** Applies an approval or a rejection. An approval counts after the next read, a rejection at once. */
export const reviewDecided = (state: State, transition: TransitionOf<'ReviewDecided'>): State => {
  const { decision, reviewer, at, note } = transition;
  const checks = underReview(state, transition.check);
  const recorded = withRecord(state, { at, decision, reviewer, checks, ...defined({ note }) });
  if (decision === 'approve') return approve(recorded, checks, reviewer, at);
  const check = transition.check ?? checks[0];
  return { ...recorded, ending: { reason: 'rejectedByReviewer', reviewer, ...defined({ check }) } };
};

/** Voids all validations of the checks, so that the applicant begins with all attempts of the policy. */
export const checksRequestedAgain = (state: State, transition: TransitionOf<'ChecksRequestedAgain'>): State => {
  const { checks: names, reviewer, reason, note, at } = transition;
  const voided = names.flatMap((kind): readonly VoidedValidation[] => {
    const check = state.checks[kind];
    return isRequired(check) && check.validationId !== undefined ? [{ kind, id: check.validationId }] : [];
  });
  const failed = names.flatMap((name) => {
    const check = state.checks[name];
    return isRequired(check) ? check.failedValidations : [];
  });
  const isRepeated = (name: string): boolean => names.some((repeated) => repeated === name);
  const {
    approvedBy: _approval,
    requiredApprovalBy: _required,
    ...rest
  } = withRecord(state, {
    ...{ at, decision: 'again' as const, reviewer, checks: names, reason },
    ...defined({ note }),
  });
  return {
    ...rest,
    checks: perCheck((name): Check => {
      const check = state.checks[name];
      return isRequired(check) && isRepeated(name) ? { ...pendingCheck(at), requestedAgain: reason } : check;
    }),
    voidedValidationIds: [...state.voidedValidationIds, ...voided.map(({ id }) => id), ...failed].slice(-MAX_VOIDED),
    toDeleteAtVendor: [...(state.toDeleteAtVendor ?? []), ...voided],
    unconfirmedReports: state.unconfirmedReports.filter(({ about }) => !isRepeated(about)),
    repeatRequested: true,
    finaliseTried: false,
    // The applicant gets the link at once, whatever the number of reminders so far.
    reminders: { ...state.reminders, extra: (state.reminders.extra ?? 0) + 1, linkOwed: true },
  };
};

export const reviewClaimed = (state: State, { reviewer, until, at }: TransitionOf<'ReviewClaimed'>): State =>
  state.review === undefined ? state : { ...state, review: { ...state.review, claim: { reviewer, since: at, until } } };

export const reviewReleased = (state: State): State => {
  if (state.review === undefined) return state;
  const { claim: _former, ...review } = state.review;
  return { ...state, review };
};

export const validationDeleted = (state: State, { id }: TransitionOf<'ValidationDeleted'>): State => {
  const { toDeleteAtVendor = [], ...rest } = state;
  const left = toDeleteAtVendor.filter((validation) => validation.id !== id);
  return left.length === 0 ? rest : { ...rest, toDeleteAtVendor: left };
};
