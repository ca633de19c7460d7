import { ApplicationFailure, allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { invalidRequest } from '../../contract/failures.js';
import type { CarriedState, OnboardingInput, OnboardingResult } from '../../contract/messages.js';
import { decide } from '../../domain/decide.js';
import type { Decision } from '../../domain/outcomes.js';
import { currentRegistration } from '../../domain/reports.js';
import { decodeRequest } from '../../domain/request.js';
import { decodeFields } from '../../shared/decoding.js';
import { idle } from './idle.js';
import { registerMessageHandlers, registerRejectingHandler } from './message-handlers.js';
import { overrideAtVendor } from './override.js';
import { OnboardingRun } from './run.js';
import { deleteValidation, finalise, readVendor, register, remind, renewToken } from './steps.js';

// An operator can start the workflow without an input.
const Input = t.type({ request: t.unknown });

/**
 * Carries one applicant through onboarding at Verifik: gets the app registration and its token, takes reports of the
 * email, phone, document and biometric validations as hints, reads Verifik where they matter, and ends in one outcome.
 *
 * `carried` is the state that the former run hands over when it continues as new.
 *
 * @throws ApplicationFailure `InvalidRequest`, `Misconfigured`, `AlreadyRegistered` or `UnexpectedVendorResponse`: the
 * same start can be repeated once the cause is corrected.
 */
export async function onboarding(input: OnboardingInput, carried?: CarriedState): Promise<OnboardingResult> {
  const request = pipe(
    decodeFields(Input)(input),
    E.chain(({ request }) => decodeRequest(request)),
  );
  if (E.isLeft(request)) return reject(invalidRequest(request.left));
  const run = new OnboardingRun(input, request.right, carried);
  registerMessageHandlers(run);
  try {
    const result = await runUntilDecided(run);
    await Promise.all([drainBeforeClose(run), overrideAtVendor(run)]);
    return result;
  } catch (error) {
    if (error instanceof ApplicationFailure) {
      run.fail(error);
      await drainBeforeClose(run);
    }
    throw error;
  }
}

/** Decides on the next step and takes it, until the decision is made. */
async function runUntilDecided(run: OnboardingRun): Promise<OnboardingResult> {
  for (;;) {
    run.showProblem(undefined);
    const next = decide(run.state, run.now());
    switch (next.step) {
      case 'register':
        await register(run, next);
        break;
      case 'renewToken':
        await renewToken(run, next);
        break;
      case 'readVendor':
        await readVendor(run, next);
        break;
      case 'finalise':
        await finalise(run, next);
        break;
      case 'remind':
        await remind(run, next);
        break;
      case 'deleteValidation':
        await deleteValidation(run, next);
        break;
      case 'advanceReview':
        run.apply({ type: 'ReviewTimePassed' });
        break;
      case 'wait':
        await idle(run, next.until);
        if (run.shouldContinueAsNew()) await continueAsNewRun(run);
        break;
      case 'finish':
        return finish(run, next.decision);
    }
  }
}

const finish = (run: OnboardingRun, decision: Decision): OnboardingResult => {
  run.apply({ type: 'Decided', decision });
  run.searchAttributes.publish();
  const registration = currentRegistration(run.state);
  return registration === undefined ? decision : { ...decision, appRegistrationId: registration.appRegistrationId };
};

/** Delivers pending events and waits for the message handlers. */
const drainBeforeClose = async (run: OnboardingRun): Promise<void> => {
  await run.outbox.flushBeforeClose();
  if (!allHandlersFinished()) await condition(allHandlersFinished);
};

const continueAsNewRun = (run: OnboardingRun): Promise<never> => {
  run.searchAttributes.publish();
  return continueAsNew<typeof onboarding>(run.input, run.carried);
};

/** Fails the workflow; a caller that waits for the registration gets the same failure. */
async function reject(failure: ApplicationFailure): Promise<never> {
  registerRejectingHandler(failure);
  if (!allHandlersFinished()) await condition(allHandlersFinished);
  throw failure;
}
