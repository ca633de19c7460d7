import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import { ONBOARDING_WORKFLOW, type OnboardingInput, type OnboardingResult } from '../../contract/messages.js';
import { priorityOfBatch, workflowIdOfReverify } from '../../contract/revalidation.js';
import { attributesAtStart, PUBLISH_CHECKS_WITHIN_MS, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { CheckName } from '../../domain/checks.js';
import { decodeRequest, type OnboardingRequest, type OnboardingRequestInput } from '../../domain/request.js';
import type { BatchRequest } from '../../domain/revalidation/request.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import type { EpochMs } from '../../shared/time.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import { isTaken, readOne, type Taken } from './audit.js';
import { latestRun, type Own, ownOf, type Record, readRegistry } from './registry.js';
import type { Sourced } from './sources.js';
import type { Vendor } from './vendor.js';

export interface ReverifyOptions {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly temporal: Client;
  readonly taskQueue: string;
  /** When the batch was begun, the last time that it was begun anew. */
  readonly startedAt?: EpochMs;
  /** Without it the onboardings are not found by their contacts. */
  readonly contactKeys?: ContactKeys;
}

type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

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

/** What was begun before: for the same place in the source, as the walk is repeated after a crash, or for another one. */
const begunBefore = (
  { workflowId, ordinal: before, startedAt }: Own,
  ordinal: number,
  { request, startedAt: batchStartedAt }: ReverifyOptions,
): Taken => {
  // Of a list, places move: those of a run of this batch that was stopped in Temporal tell nothing of repetitions.
  const samePlaces = request.source.kind !== 'list' || batchStartedAt === undefined || startedAt >= batchStartedAt;
  const isRepeated = samePlaces && before !== undefined && before !== ordinal;
  return { result: isRepeated ? 'repeated' : 'begun', workflowId };
};

/** What is read of an applicant, and what else is known. */
interface Asked {
  readonly item: AppRegistrationListItem;
  readonly request: OnboardingRequest;
  readonly ordinal: number;
  readonly reference?: string;
}

const startOf = (
  { batch, request, taskQueue, contactKeys }: ReverifyOptions,
  { item, request: read, ordinal, reference }: Asked,
) => {
  const keys = contactKeys?.(read.contact);
  const known = {
    ...(keys === undefined ? {} : { contactKeys: keys }),
    ...(reference === undefined ? {} : { reference }),
  };
  const input: OnboardingInput = {
    request: read,
    publishChecksWithinMs: PUBLISH_CHECKS_WITHIN_MS,
    batch: { id: batch, formerValidationIds: formerIds(item, request.checks ?? []), invite: request.invite },
    ...known,
  };
  return {
    taskQueue,
    args: [input] satisfies [OnboardingInput],
    typedSearchAttributes: [
      ...attributesAtStart({ ...read, pending: read.policy.required, ...known }),
      { key: SEARCH_ATTRIBUTES.batch, value: batch },
      { key: SEARCH_ATTRIBUTES.registrationIds, value: [item.appRegistrationId] },
    ],
    memo: { ordinal },
    priority: priorityOfBatch(batch),
    staticSummary: `Asked again: ${read.policy.required.join(', ')}`,
    staticDetails: `Begun by the batch ${batch}.`,
  };
};

/**
 * Begins the onboarding of an applicant, once however often it is called. Of batches that come to the same applicant at the same moment
 * the server lets one begin: all ask under the id that is the applicant's.
 */
const begin = async (options: ReverifyOptions, asked: Asked): Promise<Taken> => {
  const { batch, temporal } = options;
  const workflowId = workflowIdOfReverify(asked.item.appRegistrationId);
  for (;;) {
    const latest = await latestRun(temporal, workflowId);
    const { own } = latest === undefined ? {} : ownOf(latest, batch);
    if (own !== undefined) return begunBefore(own, asked.ordinal, options);
    if (latest?.status.name === 'RUNNING') return { result: 'live', workflowId };
    try {
      await temporal.workflow.start<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
        ...startOf(options, asked),
        workflowId,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        // What ended before may be another batch's; where there was nothing, whatever has ended by now may be this batch's own.
        workflowIdReusePolicy:
          latest === undefined ? WorkflowIdReusePolicy.REJECT_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      });
      return { result: 'begun', workflowId };
    } catch (error) {
      // Somebody has begun one since it was looked.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
};

/** How many calls an onboarding makes as soon as it is begun: it registers the applicant, and may have a link sent. */
const callsOf = ({ invite }: BatchRequest): number => (invite ? 2 : 1);

/** Has the applicant asked whose registration has been read, unless another onboarding of theirs is running. */
const askAgain = async (options: ReverifyOptions, asked: Asked): Promise<Taken> => {
  const { temporal, batch } = options;
  const id = asked.item.appRegistrationId;
  // What was looked up for the whole stretch may be a minute old.
  const now = (await readRegistry(temporal, [id], batch)).get(id) ?? {};
  if (now.own !== undefined) return begunBefore(now.own, asked.ordinal, options);
  if (now.running !== undefined) return { result: 'live', workflowId: now.running };
  return begin(options, { ...asked, ...(now.reference === undefined ? {} : { reference: now.reference }) });
};

/**
 * Has one applicant asked for the chosen checks again, unless another onboarding of theirs is running. In a dry run they are counted.
 * `undefined` where the waiting was ended.
 */
export const reverifyOne = async (
  sourced: Sourced,
  { own, running, reference }: Record,
  vendor: Vendor,
  options: ReverifyOptions,
): Promise<Taken | undefined> => {
  const { checks = [], deadlineMs, dryRun } = options.request;
  const asked = { checks: [...checks] };
  if (running !== undefined && own === undefined) return { result: 'live', workflowId: running };
  // Nothing is asked of the vendor for a dry run that the source has not told already.
  if (dryRun && sourced.listed === undefined) return { result: 'counted', ...asked };
  const item = await readOne(sourced, vendor);
  if (item === undefined) return undefined;
  if (isTaken(item)) return item;
  const { standing } = item;
  const read = decodeRequest(requestOf(item, checks, deadlineMs));
  if (E.isLeft(read)) return { result: 'uncontactable', standing };
  if (dryRun) return { result: 'counted', standing, ...asked };
  if (!(await vendor.turn(callsOf(options.request)))) return undefined;
  const known = { ordinal: sourced.after.taken, ...(reference === undefined ? {} : { reference }) };
  const taken = await askAgain(options, { item, request: read.right, ...known });
  return { ...taken, standing, ...(taken.result === 'live' ? {} : asked) };
};
