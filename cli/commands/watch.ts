import * as t from 'io-ts';
import { wireEvent } from '../../domain/changes.js';
import { addCommand } from '../command.js';
import { EXIT_OF_OUTCOME } from '../exits.js';
import type { CommandGroup } from '../groups.js';
import { eventLine } from '../showing/events.js';
import { standingLines } from '../showing/standing.js';
import { ID_ARGUMENT, REFERENCE_OPTION, targetOf } from '../targets.js';
import type { Terminal } from '../terminal.js';
import { canvas } from '../watching/canvas.js';
import { follow, type Sight } from '../watching/following.js';

/** Shows what is seen, whenever something is. */
type Show = (sight: Sight) => void;

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
  const draw = canvas(process.stdout);
  return ({ snapshot }) => draw(standingLines(workflowId, snapshot, terminal.style, Date.now()));
};

/** `onboarding watch`. */
export const addWatch: CommandGroup = (program, { terminal, connect, exitWith }) =>
  addCommand(program, {
    name: 'watch',
    describe:
      'Follow an onboarding to its outcome, which is the exit code. Waits for days unless --timeout says otherwise.',
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      [
        'onboarding watch --reference customer-4711',
        'On a terminal: the checklist as it changes. Elsewhere: a line for each event.',
      ],
      [
        'onboarding watch onboarding-customer-4711 --json --timeout 600',
        'One event on a line, for ten minutes at most.',
      ],
    ],
    run: async ({ args, options: { reference, json, timeoutMs } }) => {
      const { workflowId } = targetOf(args, reference);
      const client = await connect();
      const show = json
        ? showJson(terminal, workflowId)
        : terminal.isLive
          ? showChecklist(terminal, workflowId)
          : showLines(terminal);
      const outcome = await follow({
        client,
        workflowId,
        show,
        note: terminal.note,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      exitWith(EXIT_OF_OUTCOME[outcome]);
    },
  });
