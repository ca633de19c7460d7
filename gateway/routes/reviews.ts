import type { ListedReview, OnboardingClient } from '../../client/index.js';
import { AgainFields, ClaimFields, ReleaseFields, ReviewFields } from '../../domain/review/requests.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { defined } from '../../shared/defined.js';
import { callerOf } from '../auth/authentication.js';
import { type Api, routesOf } from '../codecs.js';
import type { ProblemCode } from '../problems.js';
import { OnboardingPath, OnceHeaders, onceBy } from '../schemas/ids.js';
import { OnboardingCodec } from '../schemas/onboarding.js';
import { ReviewListCodec, ReviewsQuery } from '../schemas/review.js';
import { idIn, prefixOf, resolveOnboarding, unlessEnded } from './resolve-onboarding.js';

const route = routesOf('reviews');

const CLAIM_PROBLEMS: readonly ProblemCode[] = [
  'notFound',
  'alreadyEnded',
  'nothingToReview',
  'reviewClaimed',
  'closedWithoutOutcome',
];

const DECISION_PROBLEMS: readonly ProblemCode[] = [...CLAIM_PROBLEMS, 'reviewChanged'];

/** A review with the caller's id of the onboarding. */
const reviewFor = (tenant: string, { reference = '', workflowId: _, startedAt, dueAt, ...review }: ListedReview) => ({
  id: idIn(tenant, reference),
  ...review,
  startedAt: startedAt.getTime(),
  dueAt: dueAt.getTime(),
});

/** Adds the queue of reviews. */
export const addReviewQueue = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/reviews',
    route('review', [], {
      operationId: 'listReviews',
      summary: 'List open reviews, in the order in which they are due',
      description: 'Returns reviews that match all of the given filters. The list can lag behind by about a second.',
      querystring: ReviewsQuery,
      response: { 200: ReviewListCodec },
    }),
    async (request) => {
      const { tenant } = callerOf(request);
      const { limit, cursor, ...filter } = request.query;
      const page = await client.reviews({ ...filter, referencePrefix: prefixOf(tenant) }, defined({ limit, cursor }));
      return { ...page, reviews: page.reviews.map((one) => reviewFor(tenant, one)) };
    },
  );
};

/** Adds the calls of reviewers about one onboarding. */
export const addReviews = (app: Api, client: OnboardingClient): void => {
  const onboardingAfter = async (
    request: Parameters<typeof resolveOnboarding>[0],
    given: string,
    call: (workflowId: string) => Promise<Snapshot>,
  ) => {
    const { id, workflowId } = resolveOnboarding(request, given);
    return { id, ...(await unlessEnded(client, workflowId, () => call(workflowId))) };
  };

  app.post(
    '/v1/onboardings/:id/review',
    route('review', DECISION_PROBLEMS, {
      operationId: 'decideReview',
      summary: 'Approve or reject a check or onboarding under review',
      headers: OnceHeaders,
      params: OnboardingPath,
      body: ReviewFields,
      response: { 200: OnboardingCodec },
    }),
    (request) =>
      onboardingAfter(request, request.params.id, (workflowId) =>
        client.decideReview(workflowId, request.body, onceBy(request.headers)),
      ),
  );

  app.post(
    '/v1/onboardings/:id/review/again',
    route('review', DECISION_PROBLEMS, {
      operationId: 'requestAgain',
      summary: 'Have the applicant repeat the document or the selfie',
      description:
        "The former validations are void, Verifik sends the applicant a link, and the checks are pending with all of the policy's attempts. `reason` is for the applicant.",
      headers: OnceHeaders,
      params: OnboardingPath,
      body: AgainFields,
      response: { 200: OnboardingCodec },
    }),
    (request) =>
      onboardingAfter(request, request.params.id, (workflowId) =>
        client.requestAgain(workflowId, request.body, onceBy(request.headers)),
      ),
  );

  app.post(
    '/v1/onboardings/:id/review/claim',
    route('review', CLAIM_PROBLEMS, {
      operationId: 'claimReview',
      summary: 'Claim the review for a reviewer',
      description:
        'Until the claim ends, which it does by itself, requests of other reviewers are rejected unless they set `force`. A claim of the same reviewer replaces the former one.',
      params: OnboardingPath,
      body: ClaimFields,
      response: { 200: OnboardingCodec },
    }),
    (request) =>
      onboardingAfter(request, request.params.id, (workflowId) => client.claimReview(workflowId, request.body)),
  );

  app.post(
    '/v1/onboardings/:id/review/release',
    route('review', CLAIM_PROBLEMS, {
      operationId: 'releaseReview',
      summary: 'Release the claim on the review',
      params: OnboardingPath,
      body: ReleaseFields,
      response: { 200: OnboardingCodec },
    }),
    (request) =>
      onboardingAfter(request, request.params.id, (workflowId) => client.releaseReview(workflowId, request.body)),
  );
};
