import { setHandler, workflowInfo } from '@temporalio/workflow';
import * as t from 'io-ts';
import { orThrow } from '../../contract/failures.js';
import { evidenceQuery } from '../../contract/messages.js';
import { evidenceOf } from '../../domain/evidence/evidence.js';
import { closed, decodeFields } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import type { OnboardingRun } from './run.js';

const EvidenceFields = closed(t.partial({ personalData: t.boolean }));

export const registerEvidenceQuery = (run: OnboardingRun): void =>
  setHandler(
    evidenceQuery,
    (args = {}) => {
      const { personalData } = orThrow(decodeFields(EvidenceFields)(args));
      const { workflowId, firstExecutionRunId: onboardingRunId } = workflowInfo();
      const source = { workflowId, onboardingRunId, reference: run.input.reference, request: run.request };
      return defined({ evidence: evidenceOf(run.state, run.log, source, personalData) });
    },
    {
      description:
        'The record of the decided onboarding for auditors; empty before the decision. Send {} or, with the name, the contact and the notes of reviewers, {"personalData": true}.',
    },
  );
