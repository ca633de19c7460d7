import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeContact } from '../domain/contact.js';
import { Reference, VendorId } from '../domain/ids.js';
import { FullName, RequestProps } from '../domain/request.js';
import { closed, decodeFields, type FieldError } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { orFail, wrongUsage } from './failures.js';
import { STANDARD_INPUT } from './json-input.js';
import { type Ask, promptUser, type Terminal } from './terminal.js';

/** The request, in the same form as the gateway's. */
const StartFields = closed(t.intersection([RequestProps, t.partial({ reference: Reference, restart: t.boolean })]));

type PartialRequest = Readonly<Record<string, unknown>>;

const MAY_BE_EMPTY = '(empty for none)';

type Decode = (answer: string) => E.Either<readonly FieldError[], unknown>;

/** Asks until the answer can be decoded. */
type AskUntilValid = (question: string, decode: Decode) => Promise<string>;

const askingUntilValid =
  (ask: Ask, { note }: Terminal): AskUntilValid =>
  async (question, decode) => {
    for (;;) {
      const answer = (await ask(question)).trim();
      const decoded = decode(answer);
      if (E.isRight(decoded)) return answer;
      note(`Expected ${decoded.left[0]?.expected}.`);
    }
  };

const orEmpty =
  (decode: Decode): Decode =>
  (answer) =>
    answer === '' ? E.right(answer) : decode(answer);

const askForContact = async (ask: AskUntilValid): Promise<PartialRequest> => {
  const email = await ask(
    `Email ${MAY_BE_EMPTY}:`,
    orEmpty((answer) => decodeContact({ email: answer })),
  );
  const decodePhone: Decode = (answer) => decodeContact({ phone: answer, countryCode: '+1' });
  const phone =
    email === ''
      ? await ask('Phone, digits only:', decodePhone)
      : await ask(`Phone, digits only ${MAY_BE_EMPTY}:`, orEmpty(decodePhone));
  const emailField = defined({ email: email || undefined });
  if (phone === '') return emailField;
  const countryCode = await ask('Its country code, such as +57:', (answer) =>
    decodeContact({ phone, countryCode: answer }),
  );
  return { ...emailField, phone, countryCode };
};

/**
 * Asks for missing fields. Personal data never comes from the command line, which every user of the machine can read.
 */
const askForMissing = (terminal: Terminal, partial: PartialRequest): Promise<PartialRequest> =>
  promptUser(async (prompt) => {
    const ask = askingUntilValid(prompt, terminal);
    const fieldOrAnswer = async (field: string, question: string, codec: t.Decoder<unknown, unknown>) =>
      partial[field] ?? (await ask(question, decodeFields(codec)));
    const project = await fieldOrAnswer('project', 'Project at Verifik:', VendorId);
    const projectFlow = await fieldOrAnswer('projectFlow', 'Project flow:', VendorId);
    const fullName = await fieldOrAnswer('fullName', 'Full name of the applicant:', FullName);
    const contact = partial['contact'] ?? (await askForContact(ask));
    return { ...partial, project, projectFlow, fullName, contact };
  });

const IN_FILE = 'this field in the JSON of --file, because the command cannot ask for it';

/** The required fields, and what to do if they are missing. */
const REQUIRED_FIELDS = {
  project: 'this field, from --project or --file',
  projectFlow: 'this field, from --project-flow or --file',
  fullName: IN_FILE,
  contact: IN_FILE,
};

/** Asks for missing fields, if the command can ask. @throws CliFailure that names them otherwise. */
const completed = async (
  terminal: Terminal,
  partial: PartialRequest,
  file: string | undefined,
): Promise<PartialRequest> => {
  const missing = Object.entries(REQUIRED_FIELDS).filter(([field]) => partial[field] === undefined);
  if (missing.length === 0) return partial;
  if (terminal.canAsk && file !== STANDARD_INPUT) return askForMissing(terminal, partial);
  throw wrongUsage(...missing.map(([field, expected]) => ({ field, expected })));
};

/** Decodes the request of a start, after asking for missing fields. @throws CliFailure that names the wrong fields. */
export const readStartRequest = async (terminal: Terminal, partial: PartialRequest, file: string | undefined) =>
  orFail(decodeFields(StartFields)(await completed(terminal, partial, file)));
