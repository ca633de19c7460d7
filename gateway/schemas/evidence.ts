import * as t from 'io-ts';
import { closed, documented } from '../../shared/decoding.js';
import { OnboardingId } from './ids.js';
import { Flag } from './pages.js';

export const EvidenceQuery = closed(
  t.partial({
    personalData: documented(Flag, {
      description:
        "Add the applicant's name and contact, and the notes of reviewers. The API key needs the scope `personal-data`, too.",
      default: false,
    }),
  }),
);

export const SignedEvidenceCodec = documented(
  t.type({
    id: OnboardingId,
    evidence: documented(t.string, {
      description:
        'A JSON web signature in compact form (RFC 7515), by Ed25519. Its payload is a document of the schema `Evidence`.',
    }),
  }),
  { title: 'SignedEvidence', description: 'The signed record of a decided onboarding.' },
);
