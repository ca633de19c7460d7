import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import {
  type Carried,
  type OnboardingInput,
  type OnboardingResult,
  registrationUpdate,
} from '../../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { decide } from '../../domain/decide.js';
import type { Decision } from '../../domain/outcomes.js';
import { currentRegistration } from '../../domain/reports.js';
import { decodeRequest, type OnboardingRequest } from '../../domain/request.js';
import { initialState } from '../../domain/state.js';
import { forRequest, invalidRequest } from '../shared/decoding.js';
import { HandOver } from './callback-outbox.js';
import { openToMessages } from './handlers.js';
import { openToReaders } from './query-handlers.js';
import { Casefile } from './run.js';
import { finalise, readVendor, register, remind, renewToken } from './steps.js';
import { Alarm } from './timer.js';

/** Well under the server's limits of 2,000 updates and 10,000 signals a run. */
const MAX_ENTRIES_PER_RUN = 1_000;

/**
 * Carries one applicant through onboarding at Verifik: gets the app registration and its token, takes reports of the email,
 * phone, document and biometric validations as hints, reads the vendor where they matter, and ends in one outcome.
 *
 * @throws ApplicationFailure `InvalidRequest`, `Misconfigured`, `AlreadyRegistered` or `ContractBroken`: the same start can be
 * repeated once the cause is mended.
 */
export async function onboarding(input: OnboardingInput, carried?: Carried): Promise<OnboardingResult> {
  const read = decodeRequest(input.request);
  if (E.isLeft(read)) return refuse(invalidRequest(read.left));
  const request = read.right;
  const casefile = new Casefile(
    carried ?? { state: initialState(request, Date.now(), input.batch), contactKeys: input.contactKeys ?? [] },
    input,
  );
  const handOver = new HandOver(casefile, input);
  openToMessages(casefile, input);
  openToReaders(casefile, request, input);
  // A caller that set no search attributes at the start should find the onboarding all the same.
  if (workflowInfo().typedSearchAttributes.get(SEARCH_ATTRIBUTES.status) === undefined) casefile.visibility.publish();
  try {
    const outcome = await carryThrough(casefile, request, input, handOver);
    await roundOff(handOver);
    return outcome;
  } catch (error) {
    if (error instanceof ApplicationFailure) {
      casefile.refuse(error);
      casefile.fail(error.type ?? 'Unexpected');
      await roundOff(handOver);
    }
    throw error;
  }
}

async function carryThrough(
  casefile: Casefile,
  request: OnboardingRequest,
  input: OnboardingInput,
  handOver: HandOver,
): Promise<OnboardingResult> {
  const alarm = new Alarm((moment) => casefile.advance(moment));
  for (;;) {
    const next = decide(casefile.state, casefile.now());
    switch (next.step) {
      case 'register':
        await register(casefile, request, next);
        break;
      case 'renewToken':
        await renewToken(casefile, next);
        break;
      case 'readVendor':
        await readVendor(casefile, next);
        break;
      case 'finalise':
        await finalise(casefile, next);
        break;
      case 'remind':
        await remind(casefile, next);
        break;
      case 'wait': {
        const { entries } = casefile;
        casefile.visibility.publishWhatIsDue();
        if (handOver.isOwed) await handOver.quickly();
        if (mayContinueAsNew(casefile)) await goOnInANewRun(casefile, input);
        const until = Math.min(next.until, handOver.againAt, casefile.visibility.dueAt);
        await alarm.waitUntil(until, stirred(casefile, handOver, entries, until));
        break;
      }
      case 'finish':
        casefile.enter({ type: 'Decided', decision: next.decision });
        casefile.visibility.publish();
        return result(casefile, next.decision);
    }
  }
}

/** Whatever is owed to others is done before the workflow ends. */
const roundOff = async (handOver: HandOver): Promise<void> => {
  if (handOver.isOwed) await handOver.atTheEnd();
  if (!allHandlersFinished()) await condition(allHandlersFinished);
};

/** Whether what has been entered since asks for more than to wait on until the same moment. Each entry is looked at once. */
const stirred = (casefile: Casefile, handOver: HandOver, entries: number, until: number): (() => boolean) => {
  let seen = entries;
  return () => {
    if (mayContinueAsNew(casefile)) return true;
    if (casefile.entries === seen) return false;
    seen = casefile.entries;
    const next = decide(casefile.state, casefile.now());
    return next.step !== 'wait' || Math.min(next.until, casefile.visibility.dueAt) < until || handOver.isOwed;
  };
};

const goOnInANewRun = (casefile: Casefile, input: OnboardingInput): Promise<never> => {
  const { state, contactKeys, log, visibility } = casefile;
  visibility.publish();
  return continueAsNew<typeof onboarding>(input, { state, contactKeys, log });
};

/** The run has become long, and nobody waits for an answer from it. */
const mayContinueAsNew = ({ entries }: Casefile): boolean =>
  (workflowInfo().continueAsNewSuggested || entries >= MAX_ENTRIES_PER_RUN) && allHandlersFinished();

const result = ({ state }: Casefile, decision: Decision): OnboardingResult => {
  const registration = currentRegistration(state);
  return registration === undefined ? decision : { ...decision, appRegistrationId: registration.appRegistrationId };
};

/** Tells whoever waits for the registration that the request is wrong, and fails the workflow. */
async function refuse(refusal: ApplicationFailure): Promise<never> {
  setHandler(registrationUpdate, (args) => {
    throw forRequest(refusal, args?.requestId);
  });
  if (!allHandlersFinished()) await condition(allHandlersFinished);
  throw refusal;
}
