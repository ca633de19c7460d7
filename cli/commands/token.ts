import * as t from 'io-ts';
import { addCommand, type CommandGroup } from '../command.js';
import { CliFailure } from '../failures.js';
import { formatTime } from '../format/text.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

/** `onboarding token`, the only command that prints a secret. */
export const addToken: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'token',
    describe: "Show a live token for the applicant's device. It is the applicant's secret.",
    args: [ID_ARGUMENT],
    options: [REFERENCE_OPTION],
    codec: t.partial({ reference: t.string }),
    examples: [
      ['onboarding token --reference customer-4711', 'On a terminal.'],
      ['onboarding token onboarding-customer-4711 --json | your-tool', 'In a pipe or a file only with --json.'],
    ],
    run: async ({ args, options: { reference, json, ...options } }) => {
      const { workflowId } = resolveOnboarding(args, reference);
      if (!json && !terminal.isTerminal)
        throw new CliFailure(
          'usage',
          '--json: expected because the output is not a terminal, and the token is a secret',
        );
      const client = await connect(options);
      const registration = await whileRunning(client, workflowId, () => client.registration(workflowId));
      if (json) return terminal.json(registration);
      terminal.line(registration.token);
      terminal.note(
        `For registration ${registration.appRegistrationId}, until ${formatTime(registration.expiresAt, Date.now())}.`,
      );
    },
  });
