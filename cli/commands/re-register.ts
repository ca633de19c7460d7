import * as t from 'io-ts';
import { decodeContact } from '../../domain/request.js';
import { textUpTo } from '../../shared/decoding.js';
import { addCommand, type CommandGroup } from '../command.js';
import { orFail } from '../failures.js';
import { showRegistration } from '../format/onboarding.js';
import { fileOption, readJson } from '../json-input.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

export const addReRegister: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 're-register',
    describe: 'Register the applicant again, with a new contact if one is given.',
    args: [ID_ARGUMENT],
    options: [
      REFERENCE_OPTION,
      { flags: '--reason <text>', describe: 'the reason, for people: never personal data' },
      fileOption('file', 'the complete new contact as JSON: email, phone, countryCode'),
    ],
    codec: t.partial({ reference: t.string, reason: textUpTo(500), file: t.string }),
    examples: [
      ['onboarding re-register --reference customer-4711 --reason "lost the link"', 'With the same contact.'],
      ['onboarding re-register onboarding-customer-4711 --file contact.json', 'With another contact.'],
    ],
    run: async ({ args, options: { reference, reason, file, json, timeoutMs } }) => {
      const { workflowId } = resolveOnboarding(args, reference);
      const contact = file === undefined ? undefined : orFail(decodeContact(await readJson(file, '--file')));
      const client = await connect({ ...(contact === undefined ? {} : { contactKey: 'needed' }), timeoutMs });
      const change = { ...(contact === undefined ? {} : { contact }), ...(reason === undefined ? {} : { reason }) };
      const registered = await whileRunning(client, workflowId, () => client.reRegister(workflowId, change));
      showRegistration(terminal, registered, json);
    },
  });
