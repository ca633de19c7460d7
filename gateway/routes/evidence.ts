import type { OnboardingClient } from '../../client/index.js';
import { signEvidence } from '../../codec/evidence/signature.js';
import type { SigningKeys } from '../../codec/evidence/signing-keys.js';
import { callerOf } from '../auth/authentication.js';
import { type Api, routesOf } from '../codecs.js';
import { Problem } from '../problems.js';
import { EvidenceQuery, SignedEvidenceCodec } from '../schemas/evidence.js';
import { OnboardingPath } from '../schemas/ids.js';
import { resolveOnboarding } from './resolve-onboarding.js';

const route = routesOf('onboarding');

export const addEvidence = (app: Api, client: OnboardingClient, keys: SigningKeys | undefined): void => {
  app.get(
    '/v1/onboardings/:id/evidence',
    route('evidence', ['notFound', 'notDecided', 'closedWithoutOutcome', 'noEvidenceKeys'], {
      operationId: 'getEvidence',
      summary: 'Get the signed evidence of a decided onboarding',
      description:
        'The record of the decision for auditors: the policy, the checks, attempts, scores, reviews and events. It does not change any more, and is available until Temporal deletes the workflow.',
      params: OnboardingPath,
      querystring: EvidenceQuery,
      response: { 200: SignedEvidenceCodec },
    }),
    async (request) => {
      const { personalData = false } = request.query;
      if (personalData && !callerOf(request).scopes.includes('personal-data')) throw new Problem('scope');
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      if (keys === undefined) throw new Problem('noEvidenceKeys');
      return { id, evidence: await signEvidence(keys, await client.evidence(workflowId, { personalData })) };
    },
  );
};
