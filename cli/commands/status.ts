import * as t from 'io-ts';
import { addCommand, type CommandGroup } from '../command.js';
import { snapshotLines } from '../format/onboarding.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding } from '../references.js';

export const addStatus: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'status',
    describe: 'Show an onboarding: its checks, who must act until when, and the next possible commands.',
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      ['onboarding status onboarding-customer-4711', 'By the workflow id.'],
      ['onboarding status --reference customer-4711 --json', 'By your own reference, as JSON.'],
    ],
    run: async ({ args, options: { reference, json, ...options } }) => {
      const { workflowId } = resolveOnboarding(args, reference);
      const client = await connect(options);
      const snapshot = await client.status(workflowId);
      if (json) return terminal.json({ workflowId, ...snapshot });
      for (const line of snapshotLines(workflowId, snapshot, terminal.style, Date.now())) terminal.line(line);
    },
  });
