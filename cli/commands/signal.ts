import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, VendorId } from '../../domain/request.js';
import { decodeFields, textUpTo } from '../../shared/decoding.js';
import { addCommand, type CommandGroup } from '../command.js';
import { orFail } from '../failures.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

export const addSignal: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'signal',
    describe:
      'Report the status of a validation. The report is a hint: the onboarding reads Verifik before it decides.',
    args: [ID_ARGUMENT, { flags: '[check]', describe: 'the check of the validation', choices: CHECK_NAMES }],
    options: [
      REFERENCE_OPTION,
      { flags: '--status <word>', describe: "Verifik's own status word, such as validated or failed" },
      { flags: '--validation-id <id>', describe: "Verifik's id of the validation" },
      { flags: '--app-registration-id <id>', describe: "Verifik's id of the registration" },
    ],
    codec: t.intersection([
      t.type({ status: textUpTo(64) }),
      t.partial({ reference: t.string, validationId: VendorId, appRegistrationId: VendorId }),
    ]),
    examples: [
      ['onboarding signal onboarding-customer-4711 email --status validated', 'By the workflow id.'],
      [
        'onboarding signal --reference customer-4711 document --status failed --validation-id 65f0…',
        'By your reference.',
      ],
    ],
    run: async ({ args, options: { reference, json, timeoutMs, ...report } }) => {
      const { workflowId, rest } = resolveOnboarding(args, reference, ['check']);
      const check = orFail(
        E.mapLeft(() => [{ field: 'check', expected: `one of ${CheckNameCodec.name}` }])(
          decodeFields(CheckNameCodec)(rest[0]),
        ),
      );
      const client = await connect({ timeoutMs });
      await whileRunning(client, workflowId, () => client.signalValidation(workflowId, check, report));
      if (json) return terminal.json({ workflowId, check, ...report });
      terminal.line(`The ${check} validation was reported. To see the result: onboarding status ${workflowId}`);
    },
  });
