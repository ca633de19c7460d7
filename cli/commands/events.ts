import type { OnboardingClient } from '../../client/index.js';
import { wireEvent } from '../../domain/changes.js';
import { defined } from '../../shared/defined.js';
import { count } from '../../shared/settings.js';
import { command, option } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { eventLine } from '../format/onboarding.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding } from '../references.js';

export const events = command({
  name: 'events',
  describe: 'List the events of an onboarding, running or ended, each with its sequence number. The last 100 are kept.',
  args: [ID_ARGUMENT],
  options: {
    reference: REFERENCE_OPTION,
    after: option('<sequence>', 'only those after this sequence number', count(0, Number.MAX_SAFE_INTEGER)),
  },
  examples: {
    'verifik-onboarding events customer-4711': 'All that are kept.',
    'verifik-onboarding events customer-4711 --after 3 --json': 'In the form of the callbacks, one on each line.',
  },
  run: async ({ args, options: { reference, after }, json, call }, { terminal, connect }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const answer = await (await connect(call)).events(workflowId, defined({ after }));
    for (const event of answer.events)
      if (json) terminal.json(wireEvent(event, answer.callbacks?.id ?? workflowId));
      else terminal.line(`${String(event.sequence).padStart(3)}  ${eventLine(event)}`);
    if (answer.events.length === 0 && !json) terminal.note('There are no such events.');
  },
});

/** An event as a receiver of callbacks knows it: by its `webhook-id`, which has the onboarding's first run. */
interface EventArgument {
  readonly sequence: number;
  readonly onboardingRunId?: string;
}

const readEvent = (given = ''): EventArgument => {
  const [, onboardingRunId, ofId] = /^([\w-]{1,100})_(\d{1,15})_[0-9a-f]{16}$/.exec(given) ?? [];
  if (onboardingRunId !== undefined) return { sequence: Number(ofId), onboardingRunId };
  if (/^\d{1,15}$/.test(given)) return { sequence: Number(given) };
  throw wrongUsage({ field: 'event', expected: 'a sequence number, or the webhook-id of a callback' });
};

/** @throws CliFailure `notFound` if the id is that of an event of another onboarding, such as an earlier one. */
const requireSameRun = async (client: OnboardingClient, workflowId: string, expected: string): Promise<void> => {
  const { onboardingRunId, last } = await client.events(workflowId, { after: Number.MAX_SAFE_INTEGER });
  if (onboardingRunId !== expected)
    throw new CliFailure('notFound', `event: expected an event of this onboarding, which has ${last}`);
};

export const replay = command({
  name: 'replay',
  describe: 'Send an event to the callback URL again, with the same webhook-id.',
  args: [ID_ARGUMENT, { name: 'event', describe: "the event's sequence number, or the webhook-id of its callback" }],
  options: { reference: REFERENCE_OPTION },
  examples: {
    'verifik-onboarding replay customer-4711 4': 'By the sequence number, as events lists it.',
    'verifik-onboarding replay customer-4711 0199…_4_5f2c…': 'By the webhook-id that the receiver has logged.',
  },
  run: async ({ args, options: { reference }, call, show }, { connect }) => {
    const { workflowId, rest } = resolveOnboarding(args, reference, 1);
    const { sequence, onboardingRunId } = readEvent(rest[0]);
    const client = await connect(call);
    if (onboardingRunId !== undefined) await requireSameRun(client, workflowId, onboardingRunId);
    await client.replayEvent(workflowId, sequence);
    show({ workflowId, sequence }, [`Event ${sequence} is being sent again, with retries for up to 5 days.`]);
  },
});
