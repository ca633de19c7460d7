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
import { defined } from '../../shared/defined.js';
import { code } from '../../shared/markdown.js';
import type { EpochMs } from '../../shared/time.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import { type EntryResult, isResult, readEntry } from './audit.js';
import { type KeptTerms, keptTerms } from './former-onboarding.js';
import {
  findPriorOnboardings,
  latestRun,
  type OwnOnboarding,
  ownOf,
  type PriorOnboardings,
} from './prior-onboardings.js';
import type { SourceEntry } from './source-page.js';
import type { Vendor } from './vendor.js';

export interface ReverifyOptions {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly temporal: Client;
  readonly taskQueue: string;
  /** Returns the name of the account at Verifik whose task queue has the calls of a project's onboardings. */
  readonly accountFor: (project: string) => Promise<string | undefined>;
  /** The start of the batch's current execution. */
  readonly startedAt?: EpochMs;
  /** Without keys, reports cannot find the onboardings by contact. */
  readonly contactKeys?: ContactKeys;
}

const NOTHING_KEPT: KeptTerms = { policy: {} };

type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

const contactOf = ({ email, phone, countryCode }: AppRegistrationListItem): OnboardingRequestInput['contact'] => ({
  ...(email === undefined ? {} : { email }),
  ...(phone === undefined || countryCode === undefined ? {} : { phone, countryCode }),
});

const requestOf = (item: AppRegistrationListItem, policy: NonNullable<OnboardingRequestInput['policy']>) => ({
  project: item.project,
  projectFlow: item.projectFlow,
  contact: contactOf(item),
  fullName: item.fullName,
  ...(item.language === undefined ? {} : { language: item.language }),
  appRegistrationId: item.appRegistrationId,
  policy,
});

const formerValidationIds = (
  { vendorRegistration }: AppRegistrationListItem,
  checks: readonly CheckName[],
): readonly string[] => checks.flatMap((check) => vendorRegistration.checks[check]?.validationId ?? []);

/**
 * Returns `started` if a crashed attempt started the onboarding for the same place in the source, `repeated` for
 * another place.
 */
const resultOfExisting = (
  { workflowId, ordinal: existing, startedAt }: OwnOnboarding,
  ordinal: number,
  { request, startedAt: batchStartedAt }: ReverifyOptions,
): EntryResult => {
  // In a list and among due customers, places change between two executions of a batch.
  const { kind } = request.source;
  const samePlaces =
    (kind !== 'list' && kind !== 'dueBefore') || batchStartedAt === undefined || startedAt >= batchStartedAt;
  const isRepeated = samePlaces && existing !== undefined && existing !== ordinal;
  return { result: isRepeated ? 'repeated' : 'started', workflowId };
};

interface Applicant {
  readonly item: AppRegistrationListItem;
  readonly request: OnboardingRequest;
  readonly ordinal: number;
  readonly reference?: string;
  readonly kept: KeptTerms;
  readonly account?: string;
}

const startOf = (
  { batch, request, taskQueue, contactKeys }: ReverifyOptions,
  { item, request: decoded, ordinal, reference, kept, account }: Applicant,
) => {
  const keys = contactKeys?.(decoded.contact);
  const known = {
    ...(keys === undefined ? {} : { contactKeys: keys }),
    ...(reference === undefined ? {} : { reference }),
    ...(kept.callbacks === undefined ? {} : { callbacks: kept.callbacks }),
  };
  const { openPolicy: _open, policy, ...rest } = decoded;
  const input: OnboardingInput = {
    // Without the defaults, which would count as the request's own.
    request: { ...rest, policy: { required: policy.required, deadlineMs: policy.deadlineMs, ...kept.policy } },
    publishChecksWithinMs: PUBLISH_CHECKS_WITHIN_MS,
    batch: {
      id: batch,
      formerValidationIds: formerValidationIds(item, request.checks ?? []),
      invite: request.invite,
      ...defined({ account }),
    },
    ...known,
  };
  return {
    taskQueue,
    args: [input] satisfies [OnboardingInput],
    typedSearchAttributes: [
      ...attributesAtStart({ ...decoded, pending: decoded.policy.required, ...known }),
      { key: SEARCH_ATTRIBUTES.batch, value: batch },
      { key: SEARCH_ATTRIBUTES.registrationIds, value: [item.appRegistrationId] },
    ],
    memo: { ordinal },
    priority: priorityOfBatch(batch),
    staticSummary: `Re-validation: ${decoded.policy.required.join(', ')}`,
    staticDetails: `Started by the batch ${code(batch)}.`,
  };
};

/**
 * Starts the onboarding of an applicant. Idempotent. All batches use the same workflow id for an applicant, so that the
 * server lets only one of them start it.
 */
const startOnboarding = async (options: ReverifyOptions, applicant: Applicant): Promise<EntryResult> => {
  const { batch, temporal } = options;
  const workflowId = workflowIdOfReverify(applicant.item.appRegistrationId);
  for (;;) {
    const latest = await latestRun(temporal, workflowId);
    const { own } = latest === undefined ? {} : ownOf(latest, batch);
    if (own !== undefined) return resultOfExisting(own, applicant.ordinal, options);
    if (latest?.status.name === 'RUNNING') return { result: 'alreadyRunning', workflowId };
    try {
      await temporal.workflow.start<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
        ...startOf(options, applicant),
        workflowId,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        // The run that was found is another batch's. If none was found, one that has ended since may be this batch's
        // own.
        workflowIdReusePolicy:
          latest === undefined ? WorkflowIdReusePolicy.REJECT_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      });
      return { result: 'started', workflowId };
    } catch (error) {
      // Another one was started after `latestRun`.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
};

/**
 * Returns the number of calls that an onboarding makes right after its start: a registration, and a link if requested.
 */
const callsOf = ({ invite }: BatchRequest): number => (invite ? 2 : 1);

/** Starts the onboarding of an applicant, unless another one of theirs is running. */
const startUnlessRunning = async (options: ReverifyOptions, applicant: Applicant): Promise<EntryResult> => {
  const { temporal, batch } = options;
  const id = applicant.item.appRegistrationId;
  // Look up again: the result for the page may be a minute old.
  const prior = (await findPriorOnboardings(temporal, [id], batch)).get(id) ?? {};
  if (prior.own !== undefined) return resultOfExisting(prior.own, applicant.ordinal, options);
  if (prior.running !== undefined) return { result: 'alreadyRunning', workflowId: prior.running };
  const { reference = applicant.reference } = prior;
  return startOnboarding(options, { ...applicant, ...(reference === undefined ? {} : { reference }) });
};

/**
 * Starts the onboarding that repeats the chosen checks of one applicant, unless another one of theirs is running. A dry
 * run only counts. Returns `undefined` if the chunk ended while waiting for the rate limiter.
 */
export const reverifyEntry = async (
  entry: SourceEntry,
  { own, running, reference }: PriorOnboardings,
  vendor: Vendor,
  options: ReverifyOptions,
): Promise<EntryResult | undefined> => {
  const { checks = [], deadlineMs, dryRun } = options.request;
  const chosen = { checks: [...checks] };
  if (running !== undefined && own === undefined) return { result: 'alreadyRunning', workflowId: running };
  // A dry run makes no calls beyond those of the list.
  if (dryRun && entry.listed === undefined) return { result: 'dryRun', ...chosen };
  const item = await readEntry(entry, vendor);
  if (item === undefined) return undefined;
  if (isResult(item)) return item;
  const { status } = item;
  const kept = entry.former === undefined ? NOTHING_KEPT : await keptTerms(options.temporal, entry.former);
  if (kept === undefined) return { result: 'notFound', status };
  const decoded = decodeRequest(requestOf(item, { required: checks, deadlineMs, ...kept.policy }));
  if (E.isLeft(decoded)) return { result: 'noContact', status };
  if (dryRun) return { result: 'dryRun', status, ...chosen };
  const account = await options.accountFor(decoded.right.project);
  if (!(await vendor.acquire(callsOf(options.request)))) return undefined;
  const known = {
    ...{ ordinal: entry.after.taken, kept },
    ...defined({ account, reference: reference ?? entry.former?.customer }),
  };
  const result = await startUnlessRunning(options, { item, request: decoded.right, ...known });
  return { ...result, status, ...(result.result === 'alreadyRunning' ? {} : chosen) };
};
