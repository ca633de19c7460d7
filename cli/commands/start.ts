import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeContact, Reference, RequestProps, VendorId } from '../../domain/request.js';
import { closed, decodeFields, textUpTo } from '../../shared/decoding.js';
import { type Ask, asking } from '../asking.js';
import { addCommand } from '../command.js';
import { orFail, wrongUsage } from '../failures.js';
import type { CommandGroup } from '../groups.js';
import { fileOption, readJsonObject, STANDARD_INPUT } from '../json-input.js';
import { showRegistration } from '../showing/registration.js';
import type { Terminal } from '../terminal.js';

/** As the gateway takes it. */
const StartFields = closed(t.intersection([RequestProps, t.partial({ reference: Reference, again: t.boolean })]));

type Asked = Readonly<Record<string, unknown>>;

const MAY_BE_EMPTY = '(empty for none)';

/** Asks until the answer can be taken. */
const askFor = async (
  ask: Ask,
  { note }: Terminal,
  question: string,
  wrong: (answer: string) => string | undefined,
): Promise<string> => {
  for (;;) {
    const answer = (await ask(question)).trim();
    const problem = wrong(answer);
    if (problem === undefined) return answer;
    note(`Expected ${problem}.`);
  }
};

const unlessFits =
  (codec: t.Decoder<unknown, unknown>) =>
  (answer: string): string | undefined =>
    pipe(
      decodeFields(codec)(answer),
      E.match(
        ([error]) => error?.expected,
        () => undefined,
      ),
    );

const unlessContact = (contact: Asked): string | undefined =>
  pipe(
    decodeContact(contact),
    E.match(
      ([error]) => error?.expected,
      () => undefined,
    ),
  );

const askContact = async (ask: Ask, terminal: Terminal): Promise<Asked> => {
  const email = await askFor(ask, terminal, `Email ${MAY_BE_EMPTY}:`, (answer) =>
    answer === '' ? undefined : unlessContact({ email: answer }),
  );
  const byEmail = email === '' ? {} : { email };
  const phone = await askFor(ask, terminal, `Phone, digits only ${email === '' ? '' : MAY_BE_EMPTY}:`, (answer) =>
    answer === '' && email !== '' ? undefined : unlessContact({ phone: answer, countryCode: '+1' }),
  );
  if (phone === '') return byEmail;
  const countryCode = await askFor(ask, terminal, 'Its country code, such as +57:', (answer) =>
    unlessContact({ phone, countryCode: answer }),
  );
  return { ...byEmail, phone, countryCode };
};

/** Asks for what is missing. Personal data comes from here or from a file, and never from the command line: everybody on the machine sees that. */
const askForMissing = (terminal: Terminal, asked: Asked): Promise<Asked> =>
  asking(async (ask) => {
    const given = async (field: string, question: string, codec: t.Decoder<unknown, unknown>) =>
      asked[field] ?? (await askFor(ask, terminal, question, unlessFits(codec)));
    const project = await given('project', 'Project at Verifik:', VendorId);
    const projectFlow = await given('projectFlow', 'Project flow:', VendorId);
    const fullName = await given('fullName', 'Full name of the applicant:', textUpTo(200));
    return { ...asked, project, projectFlow, fullName, contact: asked['contact'] ?? (await askContact(ask, terminal)) };
  });

const NEEDED = ['project', 'projectFlow', 'fullName', 'contact'] as const;

const PERSONAL: readonly string[] = ['fullName', 'contact'];

const complete = async (terminal: Terminal, asked: Asked, file: string | undefined): Promise<Asked> => {
  const missing = NEEDED.filter((field) => asked[field] === undefined);
  if (missing.length === 0) return asked;
  if (terminal.canAsk && file !== STANDARD_INPUT) return askForMissing(terminal, asked);
  throw wrongUsage(
    ...missing.map((field) => ({
      field,
      expected: PERSONAL.includes(field)
        ? 'it in the JSON of --file, as nobody can be asked'
        : `it, by --${field === 'project' ? 'project' : 'project-flow'} or --file`,
    })),
  );
};

/** `onboarding start`. */
export const addStart: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'start',
    describe: 'Start the onboarding of an applicant, or find it where it was started before.',
    options: [
      { flags: '--project <id>', describe: "Verifik's id of the project" },
      { flags: '--project-flow <id>', describe: "Verifik's id of the project flow" },
      { flags: '--reference <reference>', describe: 'your own opaque reference of the customer: never personal data' },
      { flags: '--again', describe: 'start again where an earlier onboarding of the customer has ended' },
      fileOption('file', 'the request as JSON, with the contact and the name; what is missing is asked for'),
    ],
    codec: t.partial({
      project: VendorId,
      projectFlow: VendorId,
      reference: Reference,
      again: t.boolean,
      file: t.string,
    }),
    examples: [
      ['onboarding start --reference customer-4711 --file request.json', 'Options stand above what the file says.'],
      ['onboarding start --project 65f0… --project-flow 65f1… --reference customer-4711', 'Asks for name and contact.'],
      ['vault read request | onboarding start --file - --json', 'Reads the request from standard input.'],
    ],
    run: async ({ options: { file, json, timeoutMs, ...flags } }) => {
      const asked = { ...(file === undefined ? {} : await readJsonObject(file, '--file')), ...flags };
      const { reference, again, ...request } = orFail(decodeFields(StartFields)(await complete(terminal, asked, file)));
      const client = await connect({ contactKey: 'needed', timeoutMs });
      const started = await client.start(request, {
        refuseOther: true,
        ...(reference === undefined ? {} : { reference }),
        ...(again === undefined ? {} : { again }),
      });
      showRegistration(terminal, started, json);
    },
  });
