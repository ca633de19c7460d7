import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { ListedReview, OnboardingClient } from '../../client/index.js';
import { CHECK_REASON_CODES } from '../../domain/check-reasons.js';
import { CheckNameCodec, PersonId, VendorId } from '../../domain/ids.js';
import { REPEATABLE_CHECKS } from '../../domain/review/records.js';
import { AgainFields, ClaimDuration, ClaimFields, ReleaseFields, ReviewFields } from '../../domain/review/requests.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { decodeFields, type FieldError, oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { durationFor } from '../batches/codecs.js';
import { type AddCommand, command, flag, group, type Invocation, option, required } from '../command.js';
import type { CliContext } from '../context.js';
import { onClientError, orFail, wrongUsage } from '../failures.js';
import { snapshotLines } from '../format/onboarding.js';
import { plain, relativeShort } from '../format/text.js';
import { fileOption, readInput } from '../json-input.js';
import { LIMIT_OPTION, showList } from '../listing.js';
import { ID_ARGUMENT, nameOf, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

/** The options of every call of a reviewer. */
const REVIEWER_OPTIONS = {
  reference: REFERENCE_OPTION,
  reviewer: option('<id>', "the reviewer's id in your own system: never a name or an email", t.string),
  force: flag('act although another reviewer has claimed the review'),
};

/** The options of every decision. The program has a `--version` of its own. */
const DECISION_OPTIONS = {
  ...REVIEWER_OPTIONS,
  noteFile: fileOption('a note for people, as text'),
  ifVersion: option('<version>', 'only if this is under review: the version that `status` shows', t.string),
};

/** The options that set the fields of a request. */
const OPTION_OF: Readonly<Record<string, string>> = {
  checks: '--check',
  note: '--note-file',
  version: '--if-version',
  forMs: '--for',
};

const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: OPTION_OF[field] ?? `--${field}`, expected }));

/** Decodes the request that the options make. @throws CliFailure naming the options. */
const requestOf = <A>(codec: t.Type<A, unknown, unknown>, given: object): A =>
  orFail(E.mapLeft(asOptions)(decodeFields(codec)(defined(given))));

const noteIn = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readInput(file, '--note-file');

interface Asked {
  readonly reference?: string;
}

/** Makes a reviewer's call, and shows the onboarding after it. */
const act = async (
  { args, call, show }: Pick<Invocation<Record<never, never>>, 'args' | 'call' | 'show'>,
  { terminal, connect }: CliContext,
  { reference }: Asked,
  request: (client: OnboardingClient, workflowId: string) => Promise<Snapshot>,
): Promise<void> => {
  const { workflowId } = resolveOnboarding(args, reference);
  const client = await connect(call);
  const answered = whileRunning(client, workflowId, () => request(client, workflowId));
  const snapshot = await onClientError(
    () => answered,
    'InvalidRequest',
    ({ fields }) => {
      throw wrongUsage(...asOptions(fields));
    },
  );
  show({ workflowId, ...snapshot }, snapshotLines(workflowId, snapshot, terminal.style, Date.now()));
};

const rowOf = ({ workflowId, dueAt, reasons, claimedBy, startedAt }: ListedReview, now: number): readonly string[] => [
  nameOf(workflowId),
  relativeShort(dueAt.getTime(), now),
  plain(reasons.join(', ')),
  plain(claimedBy ?? ''),
  relativeShort(startedAt.getTime(), now),
];

const list = command({
  name: 'list',
  describe:
    "List the open reviews that match all options, in the order in which they are due. Temporal's list may lag.",
  options: {
    flow: option('<id>', "Verifik's id of the project flow", VendorId),
    reason: option('<code>', 'a reason of the review', oneOf(CHECK_REASON_CODES)),
    claimedBy: option('<reviewer>', 'the reviewer who has claimed the review', PersonId),
    unclaimed: flag('only reviews that nobody has claimed'),
    overdue: flag('only reviews that should have been decided by now'),
    limit: LIMIT_OPTION,
  },
  examples: {
    'verifik-onboarding review list --unclaimed --limit 10': 'The next reviews to take.',
    'verifik-onboarding review list --claimed-by reviewer-7 --json | jq -r .workflowId':
      'One JSON document on each line.',
  },
  run: async ({ options: { limit, flow, ...filter }, json, call }, { terminal, connect }) => {
    if (filter.claimedBy !== undefined && filter.unclaimed === true)
      throw wrongUsage({ field: '--unclaimed', expected: 'no --claimed-by besides it' });
    const client = await connect(call);
    await showList(terminal, json, {
      items: client.listReviews({ ...filter, ...defined({ projectFlow: flow }) }),
      head: ['reference', 'due', 'reasons', 'claimed by', 'started'],
      rowOf,
      none: 'No reviews match.',
      ...defined({ limit }),
    });
  },
});

const claim = command({
  name: 'claim',
  describe: 'Claim the review, so that other reviewers leave it to you. The claim ends by itself.',
  args: [ID_ARGUMENT],
  options: {
    ...REVIEWER_OPTIONS,
    for: option(
      '<duration>',
      'how long the claim lasts, such as 30m; default 1h, at most 1d',
      durationFor(ClaimDuration),
    ),
  },
  examples: {
    'verifik-onboarding review claim onboarding-customer-4711 --reviewer reviewer-7': 'For an hour.',
    'verifik-onboarding review claim --reference customer-4711 --reviewer reviewer-7 --for 30m': 'For half an hour.',
  },
  run: async (asked, context) => {
    const { reviewer, force, for: forMs } = asked.options;
    const request = requestOf(ClaimFields, { reviewer, force, forMs });
    await act(asked, context, asked.options, (client, workflowId) => client.claimReview(workflowId, request));
  },
});

const release = command({
  name: 'release',
  describe: 'Release the claim on the review.',
  args: [ID_ARGUMENT],
  options: REVIEWER_OPTIONS,
  examples: {
    'verifik-onboarding review release onboarding-customer-4711 --reviewer reviewer-7': 'By the workflow id.',
  },
  run: async (asked, context) => {
    const { reviewer, force } = asked.options;
    const request = requestOf(ReleaseFields, { reviewer, force });
    await act(asked, context, asked.options, (client, workflowId) => client.releaseReview(workflowId, request));
  },
});

const decision = (name: 'approve' | 'reject', describe: string, example: string): AddCommand =>
  command({
    name,
    describe,
    args: [ID_ARGUMENT],
    options: {
      ...DECISION_OPTIONS,
      check: option('<check>', 'the check to decide; default: everything under review', CheckNameCodec),
    },
    examples: {
      [`verifik-onboarding review ${name} onboarding-customer-4711 --reviewer reviewer-7`]: 'Everything under review.',
      [`verifik-onboarding review ${name} --reference customer-4711 --reviewer reviewer-7 --check document ${example}`]:
        'One check, with a note.',
    },
    run: async (asked, context) => {
      const { reviewer, force, check, ifVersion: version, noteFile } = asked.options;
      const note = await noteIn(noteFile);
      const request = requestOf(ReviewFields, { decision: name, reviewer, force, check, version, note });
      await act(asked, context, asked.options, (client, workflowId) => client.decideReview(workflowId, request));
    },
  });

const again = command({
  name: 'again',
  describe: 'Have the applicant repeat the document, the selfie or both. Verifik sends the applicant a link.',
  args: [ID_ARGUMENT],
  options: {
    ...DECISION_OPTIONS,
    check: required('<check>', 'a check to repeat; may be given twice', t.readonlyArray(oneOf(REPEATABLE_CHECKS))),
    reason: option('<text>', 'the reason, for the applicant: never personal data', t.string),
  },
  examples: {
    'verifik-onboarding review again onboarding-customer-4711 --check document --check biometric --reviewer reviewer-7 --reason "The photos are blurred."':
      'Both checks.',
  },
  run: async (asked, context) => {
    const { reviewer, force, check: checks, reason, ifVersion: version, noteFile } = asked.options;
    const note = await noteIn(noteFile);
    const request = requestOf(AgainFields, { checks, reviewer, force, reason, version, note });
    await act(asked, context, asked.options, (client, workflowId) => client.requestAgain(workflowId, request));
  },
});

export const review = group('review', 'List, claim and decide reviews.', [
  list,
  claim,
  release,
  decision('approve', 'Approve what is under review.', '--note-file seen.txt'),
  decision('reject', 'Reject what is under review, which ends the onboarding as rejected.', '--note-file why.txt'),
  again,
]);
