import { setHandler, workflowInfo } from '@temporalio/workflow';
import * as t from 'io-ts';
import { applicantQuery, eventsQuery, type OnboardingInput } from '../../contract/messages.js';
import { eventsAfter } from '../../domain/changes.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { snapshot } from '../../domain/snapshot.js';
import { closed, decodeFields, wholeNumber } from '../../shared/decoding.js';
import { orThrow } from '../shared/decoding.js';
import type { Casefile } from './run.js';

const EventsFields = closed(t.partial({ after: wholeNumber(0, Number.MAX_SAFE_INTEGER) }));

/** Lets the outside world read what has happened, and who is being onboarded. */
export const openToReaders = (casefile: Casefile, request: OnboardingRequest, { callbacks }: OnboardingInput): void => {
  setHandler(
    eventsQuery,
    (args = {}) => {
      const { after = 0 } = orThrow(decodeFields(EventsFields)(args));
      const { state, log } = casefile;
      return {
        events: eventsAfter(log, after),
        last: log.last,
        oldest: log.kept[0]?.sequence ?? 0,
        onboardingRunId: workflowInfo().firstExecutionRunId,
        snapshot: snapshot(state, Date.now()),
        ...(callbacks === undefined ? {} : { callbacks }),
      };
    },
    {
      description:
        'What has happened so far, oldest first, and where the onboarding stands. Send {} or, for what came after an event, its sequence number: {"after": 3}. Without secrets and personal data.',
    },
  );
  setHandler(
    applicantQuery,
    () => {
      const { fullName, language } = request;
      return { contact: casefile.state.contact, fullName, ...(language === undefined ? {} : { language }) };
    },
    { description: 'Who is being onboarded: the contact now in use and the name. Takes no input. Personal data.' },
  );
};
