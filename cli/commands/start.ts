import { PolicyName, Reference, VendorId } from '../../domain/ids.js';
import { defined } from '../../shared/defined.js';
import { command, flag, option } from '../command.js';
import { showRegistration } from '../format/onboarding.js';
import { fileOption, readJsonObject } from '../json-input.js';

export const start = command({
  name: 'start',
  describe: 'Start the onboarding of an applicant, or find the one that was started before.',
  options: {
    project: option('<id>', "Verifik's id of the project", VendorId),
    projectFlow: option('<id>', "Verifik's id of the project flow", VendorId),
    policyName: option('<name>', "the name of a policy in the workers' file", PolicyName),
    reference: option('<reference>', 'your own opaque reference for the customer: never personal data', Reference),
    restart: flag('start again if an earlier onboarding of the customer has ended'),
    file: fileOption(
      'the request as JSON, with the contact and the name; on a terminal, the command asks for missing fields',
    ),
  },
  examples: {
    'verifik-onboarding start --reference customer-4711 --file request.json': 'Options override the file.',
    'verifik-onboarding start --project 65f0… --project-flow 65f1… --reference customer-4711':
      'Asks for name and contact.',
    'vault read request | verifik-onboarding start --file - --json': 'Reads the request from standard input.',
  },
  run: async ({ options: { file, ...flags }, json, call }, { terminal, connect }) => {
    const partial = { ...(file === undefined ? {} : await readJsonObject(file, '--file')), ...flags };
    const { readStartRequest } = await import('../start-request.js');
    const { reference, restart, ...request } = await readStartRequest(terminal, partial, file);
    const client = await connect({ contactKey: 'needed', ...call });
    const options = defined({ rejectIfDifferent: true as const, reference, restart });
    showRegistration(terminal, await client.start(request, options), json);
  },
});
