import * as t from 'io-ts';
import { addCommand } from '../command.js';
import type { CommandGroup } from '../groups.js';
import { standingLines } from '../showing/standing.js';
import { ID_ARGUMENT, REFERENCE_OPTION, targetOf } from '../targets.js';

/** `onboarding status`. */
export const addStatus: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'status',
    describe: 'Show where an onboarding stands: its checks, who must act until when, what may be done next.',
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      ['onboarding status onboarding-customer-4711', 'By the workflow id.'],
      ['onboarding status --reference customer-4711 --json', 'By your own reference, as JSON.'],
    ],
    run: async ({ args, options: { reference, json, ...options } }) => {
      const { workflowId } = targetOf(args, reference);
      const client = await connect(options);
      const snapshot = await client.status(workflowId);
      if (json) return terminal.json({ workflowId, ...snapshot });
      for (const line of standingLines(workflowId, snapshot, terminal.style, Date.now())) terminal.line(line);
    },
  });
