import { CHECK_NAMES } from '../../domain/checks.js';
import { CheckNameCodec, VendorId } from '../../domain/ids.js';
import { textUpTo } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { command, option, required } from '../command.js';
import { CliFailure, orFail, wrongUsage } from '../failures.js';
import { showRegistration, snapshotLines } from '../format/onboarding.js';
import { formatTime } from '../format/text.js';
import { fileOption, readJson } from '../json-input.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

/** `verifik-onboarding token`, the only command that prints a secret. */
export const token = command({
  name: 'token',
  describe: "Show a live token for the applicant's device. It is the applicant's secret.",
  args: [ID_ARGUMENT],
  options: { reference: REFERENCE_OPTION },
  examples: {
    'verifik-onboarding token --reference customer-4711': 'On a terminal.',
    'verifik-onboarding token onboarding-customer-4711 --json | your-tool': 'In a pipe or a file only with --json.',
  },
  run: async ({ args, options: { reference }, json, call }, { terminal, connect }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    if (!json && !terminal.isTerminal)
      throw new CliFailure('usage', '--json: expected because the output is not a terminal, and the token is a secret');
    const client = await connect(call);
    const registration = await whileRunning(client, workflowId, () => client.registration(workflowId));
    if (json) return terminal.json(registration);
    const { appRegistrationId, expiresAt } = registration;
    terminal.line(registration.token);
    terminal.note(`For registration ${appRegistrationId}, until ${formatTime(expiresAt, Date.now())}.`);
  },
});

export const status = command({
  name: 'status',
  describe: 'Show an onboarding: its checks, who must act until when, and the next possible commands.',
  args: [ID_ARGUMENT],
  options: { reference: REFERENCE_OPTION },
  examples: {
    'verifik-onboarding status onboarding-customer-4711': 'By the workflow id.',
    'verifik-onboarding status --reference customer-4711 --json': 'By your own reference, as JSON.',
  },
  run: async ({ args, options: { reference }, call, show }, { terminal, connect }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const snapshot = await (await connect(call)).status(workflowId);
    show({ workflowId, ...snapshot }, snapshotLines(workflowId, snapshot, terminal.style, Date.now()));
  },
});

export const signal = command({
  name: 'signal',
  describe: 'Report the status of a validation. The report is a hint: the onboarding reads Verifik before it decides.',
  args: [ID_ARGUMENT, { name: 'check', describe: 'the check of the validation', choices: CHECK_NAMES }],
  options: {
    reference: REFERENCE_OPTION,
    status: required('<word>', "Verifik's own status word, such as validated or failed", textUpTo(64)),
    validationId: option('<id>', "Verifik's id of the validation", VendorId),
    appRegistrationId: option('<id>', "Verifik's id of the registration", VendorId),
  },
  examples: {
    'verifik-onboarding signal onboarding-customer-4711 email --status validated': 'By the workflow id.',
    'verifik-onboarding signal --reference customer-4711 document --status failed --validation-id 65f0…':
      'By your reference.',
  },
  run: async ({ args, options: { reference, ...report }, call, show }, { connect }) => {
    const { workflowId, rest } = resolveOnboarding(args, reference, 1);
    const [check] = rest;
    if (!CheckNameCodec.is(check)) throw wrongUsage({ field: 'check', expected: `one of ${CheckNameCodec.name}` });
    const client = await connect(call);
    await whileRunning(client, workflowId, () => client.signalValidation(workflowId, check, report));
    const line = `The ${check} validation was reported. To see the result: verifik-onboarding status ${workflowId}`;
    show({ workflowId, check, ...report }, [line]);
  },
});

export const reRegister = command({
  name: 're-register',
  describe: 'Register the applicant again, with a new contact if one is given.',
  args: [ID_ARGUMENT],
  options: {
    reference: REFERENCE_OPTION,
    reason: option('<text>', 'the reason, for people: never personal data', textUpTo(500)),
    file: fileOption('the complete new contact as JSON: email, phone, countryCode'),
  },
  examples: {
    'verifik-onboarding re-register --reference customer-4711 --reason "lost the link"': 'With the same contact.',
    'verifik-onboarding re-register onboarding-customer-4711 --file contact.json': 'With another contact.',
  },
  run: async ({ args, options: { reference, reason, file }, json, call }, { terminal, connect }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const { decodeContact } = await import('../../domain/contact.js');
    const contact = file === undefined ? undefined : orFail(decodeContact(await readJson(file, '--file')));
    const client = await connect(contact === undefined ? call : { contactKey: 'needed', ...call });
    const change = defined({ contact, reason });
    const registered = await whileRunning(client, workflowId, () => client.reRegister(workflowId, change));
    showRegistration(terminal, registered, json);
  },
});

export const withdraw = command({
  name: 'withdraw',
  describe: 'End an onboarding as withdrawn.',
  args: [ID_ARGUMENT],
  options: { reference: REFERENCE_OPTION },
  examples: {
    'verifik-onboarding withdraw onboarding-customer-4711': 'By the workflow id.',
    'verifik-onboarding withdraw --reference customer-4711': 'By your own reference.',
  },
  run: async ({ args, options: { reference }, call, show }, { connect }) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const client = await connect(call);
    await whileRunning(client, workflowId, () => client.withdraw(workflowId));
    show({ workflowId }, [`The withdrawal was requested. To see the result: verifik-onboarding status ${workflowId}`]);
  },
});
