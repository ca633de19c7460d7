import * as t from 'io-ts';
import type { EventsAnswer, OnboardingClient, Outcome } from '../../client/index.js';
import { wireEvent } from '../../domain/changes.js';
import { addCommand, type CommandGroup } from '../command.js';
import { EXIT_OF_OUTCOME } from '../exit-codes.js';
import { eventLine, snapshotLines } from '../format/onboarding.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding } from '../references.js';
import type { Terminal } from '../terminal.js';
import { followToTheEnd } from '../watching/follow.js';
import { liveOutput } from '../watching/live-output.js';

/** Shows the snapshot and the events since the last call. */
type Show = (answer: Pick<EventsAnswer, 'events' | 'snapshot'>) => void;

const showJson =
  ({ json }: Terminal, workflowId: string): Show =>
  ({ events }) => {
    for (const event of events) json(wireEvent(event, workflowId));
  };

const showLines =
  ({ line }: Terminal): Show =>
  ({ events }) => {
    for (const event of events) line(eventLine(event));
  };

const showChecklist = (terminal: Terminal, workflowId: string): Show => {
  const draw = liveOutput(process.stdout);
  return ({ snapshot }) => draw(snapshotLines(workflowId, snapshot, terminal.style, Date.now()));
};

interface WatchOptions {
  readonly client: OnboardingClient;
  readonly workflowId: string;
  readonly show: Show;
  readonly note: (text: string) => void;
  readonly timeoutMs?: number;
}

const watchOnboarding = async ({ client, workflowId, show, ...options }: WatchOptions): Promise<Outcome> => {
  let after = 0;
  const { outcome } = await followToTheEnd({
    ...options,
    what: 'onboarding',
    result: () => client.result(workflowId),
    look: async (call) => {
      const answer = await client.events(workflowId, { after, ...call });
      after = answer.last;
      show(answer);
    },
  });
  return outcome;
};

export const addWatch: CommandGroup = (program, { terminal, connect, exitWith }) =>
  addCommand(program, {
    name: 'watch',
    describe: 'Follow an onboarding to its outcome, which sets the exit code. Without --timeout, waits without limit.',
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      [
        'onboarding watch --reference customer-4711',
        'On a terminal: the checklist as it changes. Otherwise: one line for each event.',
      ],
      [
        'onboarding watch onboarding-customer-4711 --json --timeout 600',
        'One event on each line, for at most ten minutes.',
      ],
    ],
    run: async ({ args, options: { reference, json, timeoutMs } }) => {
      const { workflowId } = resolveOnboarding(args, reference);
      const client = await connect();
      const show = json
        ? showJson(terminal, workflowId)
        : terminal.isLive
          ? showChecklist(terminal, workflowId)
          : showLines(terminal);
      const outcome = await watchOnboarding({
        client,
        workflowId,
        show,
        note: terminal.note,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      exitWith(EXIT_OF_OUTCOME[outcome]);
    },
  });
