import * as t from 'io-ts';
import { addCommand, type CommandGroup } from '../command.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

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
      const { workflowId } = resolveOnboarding(args, reference);
      const client = await connect(options);
      await whileRunning(client, workflowId, () => client.withdraw(workflowId));
      if (json) return terminal.json({ workflowId });
      terminal.line(`The withdrawal was requested. To see the result: onboarding status ${workflowId}`);
    },
  });
