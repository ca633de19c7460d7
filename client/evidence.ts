import type { Client } from '@temporalio/client';
import * as t from 'io-ts';
import { evidenceQuery } from '../contract/messages.js';
import type { Evidence } from '../domain/evidence/evidence.js';
import type { Snapshot } from '../domain/snapshot.js';
import { closed } from '../shared/decoding.js';
import { CALL_PROPS } from './arguments.js';
import { query } from './calls/queries.js';
import { OnboardingError } from './errors.js';

export interface EvidenceOptions {
  /** Adds the applicant's name and contact, and the notes of reviewers. */
  readonly personalData?: boolean;
}

export const EvidenceFields = closed(t.partial({ ...CALL_PROPS, personalData: t.boolean }));

/**
 * Returns the evidence of an onboarding.
 *
 * @throws OnboardingError `NotDecided`, or `ClosedWithoutOutcome` if there will be no decision.
 */
export const readEvidence = async (
  temporal: Client,
  workflowId: string,
  { stopped }: Snapshot,
  { personalData = false }: EvidenceOptions,
): Promise<Evidence> => {
  if (stopped !== undefined) throw new OnboardingError('ClosedWithoutOutcome', stopped.sentence, { stopped });
  const { evidence } = await query(temporal.workflow.getHandle(workflowId), (handle) =>
    handle.query(evidenceQuery, { personalData }),
  );
  if (evidence === undefined) throw new OnboardingError('NotDecided', 'the onboarding has no decision yet');
  return evidence;
};
