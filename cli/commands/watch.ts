import type { EventsAnswer, OnboardingEvent } from '../../client/index.js';
import { wireEvent } from '../../domain/changes.js';
import { command } from '../command.js';
import { exitOfOutcome } from '../exit-codes.js';
import { followToTheEnd } from '../follow.js';
import { eventLine, snapshotLines } from '../format/onboarding.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding } from '../references.js';
import { liveOutput, type Terminal } from '../terminal.js';

/** Shows the snapshot and the events since the last call. */
type Show = (answer: Pick<EventsAnswer, 'events' | 'snapshot'>) => void;

/** Returns the function that shows events: as JSON, as lines, or as a live checklist on a terminal. */
const showOn = (terminal: Terminal, workflowId: string, json: boolean): Show => {
  const each =
    (write: (event: OnboardingEvent) => void): Show =>
    ({ events }) => {
      for (const event of events) write(event);
    };
  if (json) return each((event) => terminal.json(wireEvent(event, workflowId)));
  if (!terminal.isLive) return each((event) => terminal.line(eventLine(event)));
  const draw = liveOutput(process.stdout);
  return ({ snapshot }) => draw(snapshotLines(workflowId, snapshot, terminal.style, Date.now()));
};

export const watch = command({
  name: 'watch',
  describe: 'Follow an onboarding to its outcome, which sets the exit code. Without --timeout, waits without limit.',
  args: [ID_ARGUMENT],
  options: { reference: REFERENCE_OPTION },
  examples: {
    'verifik-onboarding watch --reference customer-4711':
      'On a terminal: the checklist as it changes. Otherwise: one line for each event.',
    'verifik-onboarding watch onboarding-customer-4711 --json --timeout 600':
      'One event on each line, for at most ten minutes.',
  },
  run: async ({ args, options: { reference }, json, call }, { terminal, connect, exitWith }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const client = await connect();
    const show = showOn(terminal, workflowId, json);
    let after = 0;
    const { outcome } = await followToTheEnd({
      what: 'onboarding',
      result: () => client.result(workflowId),
      look: async (options) => {
        const answer = await client.events(workflowId, { after, ...options });
        after = answer.last;
        show(answer);
      },
      note: terminal.note,
      ...call,
    });
    exitWith(exitOfOutcome(outcome));
  },
});
