import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { BatchRequest } from '../../domain/batch/request.js';
import type { CheckName } from '../../domain/checks.js';
import { decodeRequest, type OnboardingRequest, type OnboardingRequestInput } from '../../domain/request.js';
import type { EpochMs } from '../../domain/time.js';
import type { ContactKeys } from '../../service/contact-keys.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import { priorityOfBatch, workflowIdOfReverify } from '../../workflows/batch/messages.js';
import { ONBOARDING_WORKFLOW, type OnboardingInput, type OnboardingResult } from '../../workflows/messages.js';
import { attributesAtStart, PUBLISH_CHECKS_WITHIN_MS, SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.js';
import { isTaken, readOne, type Taken } from './audit.js';
import type { BegunByOthers } from './others.js';
import { type Record, readRegistry } from './registry.js';
import type { Sourced } from './sources.js';
import type { Vendor } from './vendor.js';

export interface ReverifyOptions {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly begunByOthers: BegunByOthers;
  /** When the batch was begun, the last time that it was begun anew. */
  readonly startedAt?: EpochMs;
  /** Without it the onboardings are not found by their contacts. */
  readonly contactKeys?: ContactKeys;
}

type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

/** What tells a repetition of the same registration in the source from a repetition of the walk. */
const Begun = t.type({ ordinal: t.number });

const contactOf = ({ email, phone, countryCode }: AppRegistrationListItem): OnboardingRequestInput['contact'] => ({
  ...(email === undefined ? {} : { email }),
  ...(phone === undefined || countryCode === undefined ? {} : { phone, countryCode }),
});

const requestOf = (item: AppRegistrationListItem, checks: readonly CheckName[], deadlineMs: number) => ({
  project: item.project,
  projectFlow: item.projectFlow,
  contact: contactOf(item),
  fullName: item.fullName,
  ...(item.language === undefined ? {} : { language: item.language }),
  appRegistrationId: item.appRegistrationId,
  policy: { required: checks, deadlineMs },
});

const formerIds = ({ reading }: AppRegistrationListItem, checks: readonly CheckName[]): readonly string[] =>
  checks.flatMap((check) => reading.checks[check]?.validationId ?? []);

/** Begins the onboarding of an applicant, once however often it is called: its id is the batch's and the registration's. */
const begin = async (
  { batch, request, temporal, taskQueue, contactKeys, startedAt }: ReverifyOptions,
  read: { readonly item: AppRegistrationListItem; readonly request: OnboardingRequest },
  { ordinal, reference }: { readonly ordinal: number; readonly reference?: string },
): Promise<Taken> => {
  const { item } = read;
  const workflowId = workflowIdOfReverify(batch, item.appRegistrationId);
  const keys = contactKeys?.(read.request.contact);
  const known = {
    ...(keys === undefined ? {} : { contactKeys: keys }),
    ...(reference === undefined ? {} : { reference }),
  };
  const input: OnboardingInput = {
    request: read.request,
    publishValidationIds: true,
    publishChecksWithinMs: PUBLISH_CHECKS_WITHIN_MS,
    batch: { id: batch, formerValidationIds: formerIds(item, request.checks ?? []), invite: request.invite },
    ...known,
  };
  try {
    await temporal.workflow.start<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      typedSearchAttributes: [
        ...attributesAtStart({ ...read.request, pending: read.request.policy.required, ...known }),
        { key: SEARCH_ATTRIBUTES.batch, value: batch },
        { key: SEARCH_ATTRIBUTES.registrationIds, value: [item.appRegistrationId] },
      ],
      memo: { ordinal },
      priority: priorityOfBatch(batch),
      staticSummary: `Asked again: ${read.request.policy.required.join(', ')}`,
      staticDetails: `Begun by the batch ${batch}.`,
    });
    return { result: 'begun', workflowId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { memo, startTime } = await temporal.workflow.getHandle(workflowId).describe();
    // Of a list, places move: those of a run of this batch that was stopped in Temporal tell nothing of repetitions.
    const samePlaces = request.source.kind !== 'list' || startedAt === undefined || startTime.getTime() >= startedAt;
    return { result: samePlaces && Begun.is(memo) && memo.ordinal !== ordinal ? 'repeated' : 'begun', workflowId };
  }
};

const lookAgain = async (
  { appRegistrationId }: AppRegistrationListItem,
  { temporal, batch, begunByOthers }: ReverifyOptions,
): Promise<Record> => {
  const records = await readRegistry(temporal, [appRegistrationId], batch);
  const running = await begunByOthers(appRegistrationId);
  return { ...records.get(appRegistrationId), ...(running === undefined ? {} : { running }) };
};

/**
 * Has one applicant asked for the chosen checks again, unless another onboarding of theirs is running. In a dry run they are counted.
 * `undefined` where the waiting was ended.
 */
export const reverifyOne = async (
  sourced: Sourced,
  { running, reference }: Record,
  vendor: Vendor,
  options: ReverifyOptions,
): Promise<Taken | undefined> => {
  const { checks = [], deadlineMs, dryRun } = options.request;
  const asked = { checks: [...checks] };
  if (running !== undefined) return { result: 'live', workflowId: running };
  // Nothing is asked of the vendor for a dry run that the source has not told already.
  if (dryRun && sourced.listed === undefined) return { result: 'counted', ...asked };
  const answer = await readOne(sourced, vendor);
  if (answer === undefined) return undefined;
  if (isTaken(answer)) return answer;
  const { standing } = answer;
  const read = decodeRequest(requestOf(answer, checks, deadlineMs));
  if (E.isLeft(read)) return { result: 'uncontactable', standing };
  if (dryRun) return { result: 'counted', standing, ...asked };
  if (!(await vendor.turn())) return undefined;
  // What was looked up for the whole stretch may be a minute old: another batch may have begun one meanwhile.
  const now = await lookAgain(answer, options);
  if (now.running !== undefined) return { result: 'live', standing, workflowId: now.running };
  const ordinal = sourced.after.taken;
  const of = { ordinal, ...(reference === undefined ? {} : { reference }), ...now };
  return { ...(await begin(options, { item: answer, request: read.right }, of)), standing, ...asked };
};
