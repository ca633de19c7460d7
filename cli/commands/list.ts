import type { ListedOnboarding, ListFilter, OnboardingClient } from '../../client/index.js';
import { STATUSES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, PolicyName, Reference, VendorId } from '../../domain/ids.js';
import { oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { documentPath } from '../../shared/package-files.js';
import { Moment } from '../batches/codecs.js';
import { command, flag, option } from '../command.js';
import { formatTime, localIso, plain, relativeShort } from '../format/text.js';
import { LIMIT_OPTION, listedStatus, showList } from '../listing.js';
import { nameOf } from '../references.js';

const pendingText = (pending: readonly string[]): string =>
  pending.length === CHECK_NAMES.length ? 'all' : pending.join(', ');

/** Explains why an onboarding has no outcome. */
const stopNote = ({ workflowId, stopped }: ListedOnboarding, now: number): string | undefined => {
  if (stopped === undefined) return undefined;
  const { at, failure, sentence } = stopped;
  const why = failure === undefined ? sentence : `${failure}: ${sentence}`;
  return `${nameOf(workflowId)} has no outcome: ${formatTime(at, now)}, ${plain(why)}`;
};

const claimNote = ({ workflowId, claimedBy }: ListedOnboarding): string | undefined =>
  claimedBy === undefined ? undefined : `${nameOf(workflowId)} is in review by ${plain(claimedBy)}.`;

/** The columns of an onboarding, which fit on a line of 80 characters with a reference of 20. */
export const rowOf = (onboarding: ListedOnboarding, now: number): readonly string[] => {
  const { workflowId, execution, pending, startedAt, deadline } = onboarding;
  return [
    nameOf(workflowId),
    listedStatus(onboarding),
    pendingText(pending),
    relativeShort(startedAt.getTime(), now),
    execution === 'RUNNING' && deadline !== undefined ? relativeShort(deadline.getTime(), now) : '',
  ];
};

/** The columns of verified onboardings, whose deadline does not matter any more. */
const verifiedRowOf = (onboarding: ListedOnboarding, now: number): readonly string[] => {
  const { validUntil } = onboarding;
  const until =
    validUntil === undefined
      ? ''
      : `${localIso(validUntil.getTime()).slice(0, 10)}, ${relativeShort(validUntil.getTime(), now)}`;
  return [...rowOf(onboarding, now).slice(0, -1), until];
};

/** The maximum number of pages. A server that does not report problems is asked about each onboarding on them. */
const STUCK_PAGES = 10;
const STUCK_PAGE_SIZE = 1_000;

/** Lists the onboardings that are stuck from a bounded number of pages, and notes if there are further pages. */
export const listStuck = async function* (
  client: Pick<OnboardingClient, 'listPage'>,
  filter: ListFilter,
  note: (text: string) => void,
): ReturnType<OnboardingClient['list']> {
  let cursor: string | undefined;
  for (let pages = 0; pages < STUCK_PAGES; pages += 1) {
    const page = await client.listPage(filter, defined({ limit: STUCK_PAGE_SIZE, cursor }));
    yield* page.onboardings;
    ({ cursor } = page);
    if (cursor === undefined) return;
  }
  note(`Only the newest ${STUCK_PAGES * STUCK_PAGE_SIZE} onboardings were checked. Narrow the filter to check others.`);
};

export const list = command({
  name: 'list',
  describe: "List the onboardings that match all options, newest first. Temporal's list may lag behind by a second.",
  options: {
    status: option('<status>', 'the status', oneOf(STATUSES)),
    pending: option('<check>', 'a check that is neither passed nor reported as passed', CheckNameCodec),
    project: option('<id>', "Verifik's id of the project", VendorId),
    projectFlow: option('<id>', "Verifik's id of the project flow", VendorId),
    policyName: option('<name>', 'the named policy in force', PolicyName),
    reference: option('<reference>', 'your own reference for the customer', Reference),
    referencePrefix: option('<text>', 'a prefix of the reference', Reference),
    appRegistrationId: option('<id>', 'the id of a current or former registration', VendorId),
    validBefore: option('<date>', 'verified, and valid until before this date, such as 2026-01-31', Moment),
    stuck: flag('only onboardings whose workflow task keeps failing'),
    limit: LIMIT_OPTION,
  },
  examples: {
    'verifik-onboarding list --status validating --pending document': 'Onboardings with a pending document check.',
    'verifik-onboarding list --valid-before 2026-01-31': 'Outcomes whose validity ends this month, or has ended.',
    'verifik-onboarding list --stuck': `Onboardings that a bad deploy has stopped. To bring them back: ${documentPath('operating.md')}`,
    'verifik-onboarding list --status inReview --json | jq -r .workflowId': 'One JSON document on each line.',
  },
  run: async ({ options: { limit, ...filter }, json, call }, { terminal, connect }) => {
    const client = await connect(call);
    const isOfValidity = filter.validBefore !== undefined;
    await showList(terminal, json, {
      items: filter.stuck === true ? listStuck(client, filter, terminal.note) : client.list(filter),
      head: ['reference', 'status', 'pending', 'started', isOfValidity ? 'valid until' : 'deadline'],
      rowOf: isOfValidity ? verifiedRowOf : rowOf,
      noteOf: (one, now) => stopNote(one, now) ?? claimNote(one),
      none: 'No onboardings match.',
      ...defined({ limit }),
    });
  },
});
