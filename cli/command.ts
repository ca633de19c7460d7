import { Argument, type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError } from '../shared/decoding.js';
import { count } from '../shared/settings.js';
import { orFail } from './failures.js';

/** A positional argument or an option, as help and completion tell of it. What is given is read by the command's codec. */
export interface Described {
  /** Such as `[id]` or `--reference <reference>`. */
  readonly flags: string;
  readonly describe: string;
  readonly choices?: readonly string[];
}

/** What every command takes. */
export interface CommonOptions {
  readonly json: boolean;
  /** How long calls may take, in ms. */
  readonly timeoutMs?: number;
}

export interface Invocation<O> {
  /** The positional arguments, as they were given. */
  readonly args: readonly string[];
  readonly options: O & CommonOptions;
}

/** One command: what it is called, what it takes, what it does. */
export interface CommandSpec<O> {
  readonly name: string;
  readonly describe: string;
  readonly args?: readonly Described[];
  readonly options?: readonly Described[];
  /** What the options are read with: one field each, in camel case. */
  readonly codec: t.Decoder<unknown, O>;
  /** Each a line as it is typed, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  readonly run: (invocation: Invocation<O>) => Promise<void>;
}

const Seconds = count(1, 86_400);

const Common = t.partial({ json: t.boolean, timeout: Seconds });

const optionName = (field: string): string => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: optionName(field), expected }));

const readOptions = <O>(
  codec: t.Decoder<unknown, O>,
  { json: asJson, timeout: within, ...own }: Readonly<Record<string, unknown>>,
): O & CommonOptions =>
  orFail(
    pipe(
      decodeFields(Common)({ json: asJson, timeout: within }),
      E.chain(({ json = false, timeout }) =>
        pipe(
          decodeFields(codec)(own),
          E.map((read) => ({ ...read, json, ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }) })),
        ),
      ),
      E.mapLeft(asOptions),
    ),
  );

const examplesText = (examples: CommandSpec<unknown>['examples']): string =>
  ['', 'Examples:', ...examples.flatMap(([line, what]) => [`  $ ${line}`, `      ${what}`])].join('\n');

const argumentOf = ({ flags, describe, choices }: Described): Argument => {
  const argument = new Argument(flags, describe);
  // Shown and completed. What is given is read by the command itself, which says what is wrong without repeating it.
  if (choices !== undefined) argument.argChoices = [...choices];
  return argument;
};

const optionOf = ({ flags, describe, choices }: Described): Option => {
  const option = new Option(flags, describe);
  if (choices !== undefined) option.argChoices = [...choices];
  return option;
};

/** Adds a command, with `--json`, `--timeout` and help. */
export const addCommand = <O>(parent: Command, spec: CommandSpec<O>): void => {
  const { name, describe, args = [], options = [], codec, examples, run } = spec;
  const command = parent.command(name).description(describe);
  for (const argument of args) command.addArgument(argumentOf(argument));
  for (const option of options) command.addOption(optionOf(option));
  command
    .option('--json', 'answer with JSON')
    .option('--timeout <seconds>', 'how long to wait for an answer')
    .addHelpText('after', examplesText(examples))
    .action(() => run({ args: command.args, options: readOptions(codec, command.opts()) }));
};
