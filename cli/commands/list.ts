import * as t from 'io-ts';
import type { ListedOnboarding, ListFilter, OnboardingClient } from '../../client/index.js';
import { STATUSES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, Reference, VendorId } from '../../domain/request.js';
import { oneOf } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { addCommand } from '../command.js';
import type { CommandGroup } from '../groups.js';
import { listStuck } from '../listing-stuck.js';
import { moment } from '../showing/moments.js';
import { plain } from '../showing/plain.js';
import { tableOf } from '../showing/tables.js';

const TABLE_LIMIT = 50;

/** Moments as everywhere in JSON: ms since the Unix epoch. */
const asJson = ({ startedAt, deadline, ...listed }: ListedOnboarding) => ({
  ...listed,
  startedAt: startedAt.getTime(),
  ...(deadline === undefined ? {} : { deadline: deadline.getTime() }),
});

/** What failed or was stopped has a status from before, which it will never leave. */
const statusText = ({ status, execution }: ListedOnboarding): string =>
  execution === 'RUNNING' || execution === 'COMPLETED' ? (status ?? execution.toLowerCase()) : execution.toLowerCase();

const rowOf = (one: ListedOnboarding, now: number): readonly string[] => [
  plain(one.workflowId),
  statusText(one),
  one.pending.join(', '),
  moment(one.startedAt.getTime(), now),
  one.deadline === undefined || one.execution !== 'RUNNING' ? '' : moment(one.deadline.getTime(), now),
];

const listWith = (client: OnboardingClient, filter: ListFilter, note: (text: string) => void) =>
  filter.stuck === true ? listStuck(client, filter, note) : client.list(filter);

/** The first ones of a list, and whether there are more. */
const firstOf = async (
  onboardings: ReturnType<OnboardingClient['list']>,
  limit: number,
): Promise<{ readonly first: readonly ListedOnboarding[]; readonly more: boolean }> => {
  const first: ListedOnboarding[] = [];
  for await (const one of onboardings) {
    if (first.length === limit) return { first, more: true };
    first.push(one);
  }
  return { first, more: false };
};

/** `onboarding list`. */
export const addList: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'list',
    describe:
      "List onboardings, newest first. All that is given must hold. Temporal's list may lag behind by a second.",
    options: [
      { flags: '--status <status>', describe: 'where they stand', choices: STATUSES },
      {
        flags: '--pending <check>',
        describe: 'a check that is neither passed nor reported as passed',
        choices: CHECK_NAMES,
      },
      { flags: '--project <id>', describe: "Verifik's id of the project" },
      { flags: '--project-flow <id>', describe: "Verifik's id of the project flow" },
      { flags: '--reference <reference>', describe: 'your own reference of the customer' },
      { flags: '--reference-prefix <text>', describe: 'what the references begin with' },
      { flags: '--app-registration-id <id>', describe: 'the id of a current or former registration' },
      { flags: '--stuck', describe: 'those whose workflow task keeps failing (docs/operating.md)' },
      { flags: '--limit <n>', describe: `how many at most; ${TABLE_LIMIT} by default, with --json all` },
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
      ['onboarding list --status validating --pending document', 'Who has the document left to do.'],
      ['onboarding list --stuck', 'Who is held up by a bad deploy.'],
      ['onboarding list --status inReview --json | jq -r .workflowId', 'One JSON document on a line for each.'],
    ],
    run: async ({ options: { json, timeoutMs, limit, ...filter } }) => {
      const client = await connect({ timeoutMs });
      const found = listWith(client, filter, terminal.note);
      if (json) {
        let listed = 0;
        for await (const one of found) {
          terminal.json(asJson(one));
          if (++listed === limit) return;
        }
        return;
      }
      const { first, more } = await firstOf(found, limit ?? TABLE_LIMIT);
      if (first.length === 0) return terminal.note('There are none.');
      const now = Date.now();
      const rows = first.map((one) => rowOf(one, now));
      terminal.line(tableOf(['onboarding', 'status', 'pending', 'started', 'deadline'], rows));
      if (more) terminal.note(`There are more: --limit ${first.length * 2}, or a narrower filter.`);
    },
  });
