import { type ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import {
  decideReviewUpdate,
  type LiveRegistration,
  type OnboardingInput,
  onboardingQuery,
  registrationUpdate,
  reRegisterUpdate,
  withdrawSignal,
} from '../../contract/messages.js';
import { awaitsReview, underReview } from '../../domain/review.js';
import { snapshot } from '../../domain/snapshot.js';
import { liveToken } from '../../domain/token.js';
import { decodeReRegistration, decodeReview, failure, forRequest, orThrow } from '../shared/decoding.js';
import { takeReports } from './report-handlers.js';
import type { Casefile } from './run.js';

const ended = ({ state: { progress } }: Casefile): ApplicationFailure =>
  failure('Ended', progress.phase === 'ended' ? `the onboarding ended as ${progress.decision.outcome}` : 'it ended');

const refuseIfEnded = (casefile: Casefile): void => {
  if (casefile.hasEnded) throw ended(casefile);
};

/** Waits for a token that is live, or that the vendor gave after `generation`, or for the reason why there is none. */
const waitForToken = async (casefile: Casefile, generation: number, requestId?: string): Promise<LiveRegistration> => {
  const refusals = casefile.refusals;
  const given = (): LiveRegistration | undefined => {
    const { progress, generation: current } = casefile.state;
    if (progress.phase !== 'validating' || current <= generation) return undefined;
    const { token, appRegistrationId } = progress.registration;
    return token && { appRegistrationId, token: token.value, expiresAt: token.expiresAt, generation: current };
  };
  await condition(() => given() !== undefined || casefile.refusedSince(refusals) !== undefined || casefile.hasEnded);
  const registration = given();
  if (registration !== undefined) return registration;
  throw forRequest(casefile.refusedSince(refusals) ?? ended(casefile), requestId);
};

const handTokens = (casefile: Casefile, { fingerprint }: OnboardingInput): void => {
  setHandler(
    registrationUpdate,
    async (args) => {
      const requestId = args?.requestId;
      casefile.advance();
      const { state } = casefile;
      const live = liveToken(state, casefile.now()) !== undefined;
      if (!live) casefile.enter({ type: 'TokenRequested' });
      const registration = await waitForToken(casefile, live ? state.generation - 1 : state.generation, requestId);
      return {
        ...registration,
        ...(requestId === undefined ? {} : { requestId }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
      };
    },
    {
      validator: (_args) => refuseIfEnded(casefile),
      description:
        'Waits until there is a live registration token and answers with it: Verifik is asked for one only where there is none. Takes no input. The token is a secret of the applicant.',
    },
  );
  setHandler(
    reRegisterUpdate,
    async (input) => {
      const { contact, contactKeys } = orThrow(decodeReRegistration(casefile.state.policy, input));
      const { generation } = casefile.state;
      casefile.enter({ type: 'ReRegistrationRequested', ...(contact === undefined ? {} : { contact }) });
      const registration = await waitForToken(casefile, generation);
      if (contactKeys !== undefined) {
        casefile.useContactKeys(contactKeys);
        casefile.visibility.publish();
      }
      return registration;
    },
    {
      validator: (input) => {
        refuseIfEnded(casefile);
        orThrow(decodeReRegistration(casefile.state.policy, input));
      },
      description:
        'Registers the applicant again and answers with the new token. Send {} or, where the contact has changed, the new one as a whole: {"contact": {"email": "applicant@example.com", "phone": "3001234567", "countryCode": "+57"}, "reason": "new number"}.',
    },
  );
};

const takeReviews = (casefile: Casefile): void => {
  setHandler(
    decideReviewUpdate,
    async (input) => {
      const { note: _note, ...review } = orThrow(decodeReview(input));
      casefile.enter({ type: 'ReviewDecided', ...review });
      return snapshot(casefile.state, casefile.now());
    },
    {
      validator: (input) => {
        refuseIfEnded(casefile);
        const { check } = orThrow(decodeReview(input));
        const decidable =
          check === undefined ? awaitsReview(casefile.state) : underReview(casefile.state, check).length > 0;
        if (!decidable)
          throw failure(
            'NothingToReview',
            check === undefined ? 'nothing is under review' : `check: ${check} is not under review`,
          );
      },
      description:
        'Approves or rejects what is under review. Send the decision and the id of who made it: {"decision": "approve", "reviewer": "reviewer-7", "check": "document", "note": "seen on a call"}. Or "reject"; without a check, everything under review.',
    },
  );
};

/** Lets the outside world reach the onboarding. Handlers only enter events and wait: what follows from them is the story's. */
export const openToMessages = (casefile: Casefile, input: OnboardingInput): void => {
  takeReports(casefile);
  setHandler(withdrawSignal, () => casefile.enter({ type: 'Withdrawn' }), {
    description: 'Ends the onboarding as withdrawn, without an outcome for the applicant. Takes no input.',
  });
  handTokens(casefile, input);
  takeReviews(casefile);
  setHandler(onboardingQuery, () => ({ ...snapshot(casefile.state, Date.now()), refusals: casefile.refusals }), {
    description:
      'Where the onboarding stands, what is awaited from whom until when, and what may be done. Takes no input. Without secrets.',
  });
};
