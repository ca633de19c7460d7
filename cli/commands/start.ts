import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeContact, Reference, RequestProps, VendorId } from '../../domain/request.js';
import { closed, decodeFields, textUpTo } from '../../shared/decoding.js';
import { addCommand, type CommandGroup } from '../command.js';
import { orFail, wrongUsage } from '../failures.js';
import { showRegistration } from '../format/onboarding.js';
import { fileOption, readJsonObject, STANDARD_INPUT } from '../json-input.js';
import { type Ask, promptUser, type Terminal } from '../terminal.js';

/** The request, in the same form as the gateway's. */
const StartFields = closed(t.intersection([RequestProps, t.partial({ reference: Reference, restart: t.boolean })]));

type PartialRequest = Readonly<Record<string, unknown>>;

const MAY_BE_EMPTY = '(empty for none)';

const askUntilValid = async (
  ask: Ask,
  { note }: Terminal,
  question: string,
  expectedBut: (answer: string) => string | undefined,
): Promise<string> => {
  for (;;) {
    const answer = (await ask(question)).trim();
    const expected = expectedBut(answer);
    if (expected === undefined) return answer;
    note(`Expected ${expected}.`);
  }
};

const unlessValid =
  (codec: t.Decoder<unknown, unknown>) =>
  (answer: string): string | undefined =>
    pipe(
      decodeFields(codec)(answer),
      E.match(
        ([error]) => error?.expected,
        () => undefined,
      ),
    );

const unlessValidContact = (contact: PartialRequest): string | undefined =>
  pipe(
    decodeContact(contact),
    E.match(
      ([error]) => error?.expected,
      () => undefined,
    ),
  );

const askForContact = async (ask: Ask, terminal: Terminal): Promise<PartialRequest> => {
  const email = await askUntilValid(ask, terminal, `Email ${MAY_BE_EMPTY}:`, (answer) =>
    answer === '' ? undefined : unlessValidContact({ email: answer }),
  );
  const emailField = email === '' ? {} : { email };
  const phone = await askUntilValid(
    ask,
    terminal,
    `Phone, digits only ${email === '' ? '' : MAY_BE_EMPTY}:`,
    (answer) => (answer === '' && email !== '' ? undefined : unlessValidContact({ phone: answer, countryCode: '+1' })),
  );
  if (phone === '') return emailField;
  const countryCode = await askUntilValid(ask, terminal, 'Its country code, such as +57:', (answer) =>
    unlessValidContact({ phone, countryCode: answer }),
  );
  return { ...emailField, phone, countryCode };
};

/**
 * Asks for missing fields. Personal data never comes from the command line, which every user of the machine can read.
 */
const askForMissing = (terminal: Terminal, partial: PartialRequest): Promise<PartialRequest> =>
  promptUser(async (ask) => {
    const fieldOrAnswer = async (field: string, question: string, codec: t.Decoder<unknown, unknown>) =>
      partial[field] ?? (await askUntilValid(ask, terminal, question, unlessValid(codec)));
    const project = await fieldOrAnswer('project', 'Project at Verifik:', VendorId);
    const projectFlow = await fieldOrAnswer('projectFlow', 'Project flow:', VendorId);
    const fullName = await fieldOrAnswer('fullName', 'Full name of the applicant:', textUpTo(200));
    return {
      ...partial,
      project,
      projectFlow,
      fullName,
      contact: partial['contact'] ?? (await askForContact(ask, terminal)),
    };
  });

const REQUIRED_FIELDS = ['project', 'projectFlow', 'fullName', 'contact'] as const;

const PERSONAL_FIELDS: readonly string[] = ['fullName', 'contact'];

const complete = async (
  terminal: Terminal,
  partial: PartialRequest,
  file: string | undefined,
): Promise<PartialRequest> => {
  const missing = REQUIRED_FIELDS.filter((field) => partial[field] === undefined);
  if (missing.length === 0) return partial;
  if (terminal.canAsk && file !== STANDARD_INPUT) return askForMissing(terminal, partial);
  throw wrongUsage(
    ...missing.map((field) => ({
      field,
      expected: PERSONAL_FIELDS.includes(field)
        ? 'this field in the JSON of --file, because the command cannot ask for it'
        : `this field, from --${field === 'project' ? 'project' : 'project-flow'} or --file`,
    })),
  );
};

export const addStart: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'start',
    describe: 'Start the onboarding of an applicant, or find the one that was started before.',
    options: [
      { flags: '--project <id>', describe: "Verifik's id of the project" },
      { flags: '--project-flow <id>', describe: "Verifik's id of the project flow" },
      { flags: '--reference <reference>', describe: 'your own opaque reference for the customer: never personal data' },
      { flags: '--restart', describe: 'start again if an earlier onboarding of the customer has ended' },
      fileOption(
        'file',
        'the request as JSON, with the contact and the name; on a terminal, the command asks for missing fields',
      ),
    ],
    codec: t.partial({
      project: VendorId,
      projectFlow: VendorId,
      reference: Reference,
      restart: t.boolean,
      file: t.string,
    }),
    examples: [
      ['onboarding start --reference customer-4711 --file request.json', 'Options override the file.'],
      ['onboarding start --project 65f0… --project-flow 65f1… --reference customer-4711', 'Asks for name and contact.'],
      ['vault read request | onboarding start --file - --json', 'Reads the request from standard input.'],
    ],
    run: async ({ options: { file, json, timeoutMs, ...flags } }) => {
      const partial = { ...(file === undefined ? {} : await readJsonObject(file, '--file')), ...flags };
      const { reference, restart, ...request } = orFail(
        decodeFields(StartFields)(await complete(terminal, partial, file)),
      );
      const client = await connect({ contactKey: 'needed', timeoutMs });
      const started = await client.start(request, {
        rejectIfDifferent: true,
        ...(reference === undefined ? {} : { reference }),
        ...(restart === undefined ? {} : { restart }),
      });
      showRegistration(terminal, started, json);
    },
  });
