import * as t from 'io-ts';
import type { ListedOnboarding, ListFilter, OnboardingClient } from '../../client/index.js';
import { STATUSES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, Reference, VendorId } from '../../domain/request.js';
import { oneOf } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { addCommand, type CommandGroup } from '../command.js';
import { formatTime, plain, tableOf } from '../format/text.js';

const TABLE_LIMIT = 50;

const toJson = ({ startedAt, deadline, ...listed }: ListedOnboarding) => ({
  ...listed,
  startedAt: startedAt.getTime(),
  ...(deadline === undefined ? {} : { deadline: deadline.getTime() }),
});

/** The status of a workflow that failed or was stopped is out of date, so its execution status is shown. */
const statusText = ({ status, execution }: ListedOnboarding): string =>
  execution === 'RUNNING' || execution === 'COMPLETED' ? (status ?? execution.toLowerCase()) : execution.toLowerCase();

const rowOf = (onboarding: ListedOnboarding, now: number): readonly string[] => [
  plain(onboarding.workflowId),
  statusText(onboarding),
  onboarding.pending.join(', '),
  formatTime(onboarding.startedAt.getTime(), now),
  onboarding.deadline === undefined || onboarding.execution !== 'RUNNING'
    ? ''
    : formatTime(onboarding.deadline.getTime(), now),
];

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
    const page = await client.listPage(filter, { limit: STUCK_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.onboardings;
    ({ cursor } = page);
    if (cursor === undefined) return;
  }
  note(`Only the newest ${STUCK_PAGES * STUCK_PAGE_SIZE} onboardings were checked. Narrow the filter to check others.`);
};

const listWith = (client: OnboardingClient, filter: ListFilter, note: (text: string) => void) =>
  filter.stuck === true ? listStuck(client, filter, note) : client.list(filter);

const firstOf = async (
  onboardings: ReturnType<OnboardingClient['list']>,
  limit: number,
): Promise<{ readonly first: readonly ListedOnboarding[]; readonly more: boolean }> => {
  const first: ListedOnboarding[] = [];
  for await (const onboarding of onboardings) {
    if (first.length === limit) return { first, more: true };
    first.push(onboarding);
  }
  return { first, more: false };
};

export const addList: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'list',
    describe: "List the onboardings that match all options, newest first. Temporal's list may lag behind by a second.",
    options: [
      { flags: '--status <status>', describe: 'the status', choices: STATUSES },
      {
        flags: '--pending <check>',
        describe: 'a check that is neither passed nor reported as passed',
        choices: CHECK_NAMES,
      },
      { flags: '--project <id>', describe: "Verifik's id of the project" },
      { flags: '--project-flow <id>', describe: "Verifik's id of the project flow" },
      { flags: '--reference <reference>', describe: 'your own reference for the customer' },
      { flags: '--reference-prefix <text>', describe: 'a prefix of the reference' },
      { flags: '--app-registration-id <id>', describe: 'the id of a current or former registration' },
      { flags: '--stuck', describe: 'only onboardings whose workflow task keeps failing (docs/operating.md)' },
      { flags: '--limit <n>', describe: `the maximum number; default ${TABLE_LIMIT}, with --json all` },
    ],
    codec: t.partial({
      status: oneOf(STATUSES),
      pending: CheckNameCodec,
      project: VendorId,
      projectFlow: VendorId,
      reference: Reference,
      referencePrefix: Reference,
      appRegistrationId: VendorId,
      stuck: t.boolean,
      limit: count(1, 1_000_000),
    }),
    examples: [
      ['onboarding list --status validating --pending document', 'Onboardings with a pending document check.'],
      ['onboarding list --stuck', 'Onboardings that a bad deploy has stopped.'],
      ['onboarding list --status inReview --json | jq -r .workflowId', 'One JSON document on each line.'],
    ],
    run: async ({ options: { json, timeoutMs, limit, ...filter } }) => {
      const client = await connect({ timeoutMs });
      const onboardings = listWith(client, filter, terminal.note);
      if (json) {
        let listed = 0;
        for await (const onboarding of onboardings) {
          terminal.json(toJson(onboarding));
          if (++listed === limit) return;
        }
        return;
      }
      const { first, more } = await firstOf(onboardings, limit ?? TABLE_LIMIT);
      if (first.length === 0) return terminal.note('No onboardings match.');
      const now = Date.now();
      const rows = first.map((onboarding) => rowOf(onboarding, now));
      terminal.line(tableOf(['onboarding', 'status', 'pending', 'started', 'deadline'], rows));
      if (more) terminal.note(`There are more. Use --limit ${first.length * 2} or a narrower filter.`);
    },
  });
