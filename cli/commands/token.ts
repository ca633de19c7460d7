import * as t from 'io-ts';
import { addCommand } from '../command.js';
import { CliFailure } from '../failures.js';
import type { CommandGroup } from '../groups.js';
import { moment } from '../showing/moments.js';
import { ID_ARGUMENT, REFERENCE_OPTION, targetOf, whileRunning } from '../targets.js';

/** `onboarding token`: the one command that prints a secret. */
export const addToken: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'token',
    describe: "Show a live token for the applicant's device, once. It is the applicant's secret.",
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      ['onboarding token --reference customer-4711', 'On a terminal.'],
      ['onboarding token onboarding-customer-4711 --json | your-tool', 'Anywhere else only with --json.'],
    ],
    run: async ({ args, options: { reference, json, ...options } }) => {
      const { workflowId } = targetOf(args, reference);
      if (!json && !terminal.isTerminal)
        throw new CliFailure('usage', '--json: expected where the output is no terminal, as the token is a secret');
      const client = await connect(options);
      const registration = await whileRunning(client, workflowId, () => client.registration(workflowId));
      if (json) return terminal.json(registration);
      terminal.line(registration.token);
      terminal.note(
        `For registration ${registration.appRegistrationId}, until ${moment(registration.expiresAt, Date.now())}.`,
      );
    },
  });
