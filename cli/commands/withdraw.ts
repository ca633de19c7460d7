import * as t from 'io-ts';
import { addCommand } from '../command.js';
import type { CommandGroup } from '../groups.js';
import { ID_ARGUMENT, REFERENCE_OPTION, targetOf, whileRunning } from '../targets.js';

/** `onboarding withdraw`. */
export const addWithdraw: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'withdraw',
    describe: 'End an onboarding as withdrawn.',
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      ['onboarding withdraw onboarding-customer-4711', 'By the workflow id.'],
      ['onboarding withdraw --reference customer-4711', 'By your own reference.'],
    ],
    run: async ({ args, options: { reference, json, ...options } }) => {
      const { workflowId } = targetOf(args, reference);
      const client = await connect(options);
      await whileRunning(client, workflowId, () => client.withdraw(workflowId));
      if (json) return terminal.json({ workflowId });
      terminal.line(`The withdrawal was asked for. What comes of it: onboarding status ${workflowId}`);
    },
  });
