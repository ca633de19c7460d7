import { CancellationScope, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { failure, invalidRequest, orThrow } from '../../contract/failures.js';
import {
  claimReviewUpdate,
  decideReviewUpdate,
  type Outcome,
  releaseReviewUpdate,
  requestAgainUpdate,
  type UpdateDelivery,
} from '../../contract/messages.js';
import type { CheckName } from '../../domain/checks.js';
import { claimAt } from '../../domain/review/clock.js';
import { AgainFields, CLAIM_MS, ClaimFields, ReleaseFields, ReviewFields } from '../../domain/review/requests.js';
import { awaitsReview, reviewVersion, underReview } from '../../domain/review/state.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { isRequired } from '../../domain/state.js';
import type { Undated } from '../../domain/transitions.js';
import { decodeFields } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import type { OnboardingRun } from './run.js';

const decodeReview = decodeFields(ReviewFields);
const decodeAgain = decodeFields(AgainFields);
const decodeClaim = decodeFields(ClaimFields);
const decodeRelease = decodeFields(ReleaseFields);

/** The fields that a request about a review can have. */
interface ReviewRequest {
  readonly reviewer: string;
  readonly check?: CheckName;
  readonly version?: string;
  readonly force?: boolean;
}

const throwIfNotUnderReview = (run: OnboardingRun, check: CheckName | undefined): void => {
  const isUnderReview = check === undefined ? awaitsReview(run.state) : underReview(run.state, check).length > 0;
  if (isUnderReview) return;
  throw failure(
    'NothingToReview',
    check === undefined ? 'nothing is under review' : `check: ${check} is not under review`,
  );
};

/** Rejects a request about something else than is under review now, or about what another reviewer has claimed. */
const validate = (run: OnboardingRun, { reviewer, check, version, force = false }: ReviewRequest): void => {
  run.throwIfOver();
  throwIfNotUnderReview(run, check);
  if (version !== undefined && version !== reviewVersion(run.state))
    throw failure('ReviewChanged', `version: expected ${reviewVersion(run.state)}`);
  // A validator does not advance the time of the run: that would not be recorded.
  const claim = claimAt(run.state, Date.now());
  if (claim !== undefined && claim.reviewer !== reviewer && !force)
    throw failure('ReviewClaimed', 'reviewer: expected the one who has claimed the review, or force');
};

const throwIfNotRequired = (run: OnboardingRun, checks: readonly CheckName[]): void => {
  const extra = checks.filter((name) => !isRequired(run.state.checks[name]));
  if (extra.length > 0)
    throw invalidRequest([{ field: 'checks', expected: `checks that are required, unlike ${extra.join(' and ')}` }]);
};

/**
 * Waits for the next workflow task, which a timer causes if nothing else does. The workflow does not close before its
 * handlers have finished: the server records that the update was accepted before a workflow task closes the workflow,
 * which a signal can fail.
 */
const nextWorkflowTask = async (): Promise<void> => {
  const { historyLength } = workflowInfo();
  await CancellationScope.nonCancellable(() => condition(() => workflowInfo().historyLength > historyLength, 1));
};

const applied = async (
  run: OnboardingRun,
  event: Undated,
  { isRepeated = false, fingerprints }: UpdateDelivery = {},
): Promise<Outcome<Snapshot>> => {
  run.apply(event);
  const answer = run.snapshot(run.now());
  if (isRepeated) await nextWorkflowTask();
  return { ...answer, ...defined({ fingerprints }) };
};

/** Registers the updates of reviewers: to claim a review, to release it, to decide it, and to request checks again. */
export const registerReviewHandlers = (run: OnboardingRun): void => {
  setHandler(
    decideReviewUpdate,
    (input, delivery?: UpdateDelivery) => {
      const { version: _version, force: _force, ...review } = orThrow(decodeReview(input));
      return applied(run, { type: 'ReviewDecided', ...review }, delivery);
    },
    {
      validator: (input, _delivery?: UpdateDelivery) => validate(run, orThrow(decodeReview(input))),
      description:
        'Approves or rejects what is under review. Send the decision and the id of who made it: {"decision": "approve", "reviewer": "reviewer-7", "check": "document", "note": "seen on a call"}. Or "reject"; without a check, everything under review. With "force": true also if another reviewer has claimed the review.',
    },
  );
  setHandler(
    requestAgainUpdate,
    (input, delivery?: UpdateDelivery) => {
      const { version: _version, force: _force, ...again } = orThrow(decodeAgain(input));
      return applied(run, { type: 'ChecksRequestedAgain', ...again }, delivery);
    },
    {
      validator: (input, _delivery?: UpdateDelivery) => {
        const { checks, ...request } = orThrow(decodeAgain(input));
        validate(run, request);
        throwIfNotRequired(run, checks);
      },
      description:
        'Has the applicant repeat the document, the selfie or both, with all attempts of the policy. Verifik sends the applicant a link. Send the checks, the id of who asks, and a reason that the applicant may read: {"checks": ["document"], "reviewer": "reviewer-7", "reason": "The photo is blurred."}.',
    },
  );
  setHandler(
    claimReviewUpdate,
    (input, delivery?: UpdateDelivery) => {
      const { reviewer, forMs = CLAIM_MS } = orThrow(decodeClaim(input));
      run.advance();
      return applied(run, { type: 'ReviewClaimed', reviewer, until: run.now() + forMs }, delivery);
    },
    {
      validator: (input, _delivery?: UpdateDelivery) => validate(run, orThrow(decodeClaim(input))),
      description:
        'Claims the review for a reviewer, so that others leave it to them. The claim ends by itself, after an hour or forMs: {"reviewer": "reviewer-7", "forMs": 1800000}.',
    },
  );
  setHandler(
    releaseReviewUpdate,
    (input, delivery?: UpdateDelivery) => {
      orThrow(decodeRelease(input));
      return applied(run, { type: 'ReviewReleased' }, delivery);
    },
    {
      validator: (input, _delivery?: UpdateDelivery) => validate(run, orThrow(decodeRelease(input))),
      description: 'Releases the claim on the review: {"reviewer": "reviewer-7"}.',
    },
  );
};
