import { Argument, type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields, type FieldError } from '../shared/decoding.js';
import { count } from '../shared/settings.js';
import type { CliContext } from './context.js';
import { orFail } from './failures.js';

export type CommandGroup = (program: Command, context: CliContext) => void;

/** The description of an argument or an option, for help and completion. The command's codec reads the value. */
export interface Described {
  /** For example `[id]` or `--reference <reference>`. */
  readonly flags: string;
  readonly describe: string;
  readonly choices?: readonly string[];
}

export interface CommonOptions {
  readonly json: boolean;
  readonly timeoutMs?: number;
}

export interface Invocation<O> {
  readonly args: readonly string[];
  readonly options: O & CommonOptions;
}

export interface CommandSpec<O> {
  readonly name: string;
  readonly describe: string;
  readonly args?: readonly Described[];
  readonly options?: readonly Described[];
  /** Reads the options: one field each, in camel case. */
  readonly codec: t.Decoder<unknown, O>;
  readonly examples: readonly (readonly [line: string, explanation: string])[];
  readonly run: (invocation: Invocation<O>) => Promise<void>;
}

const Seconds = count(1, 86_400);

const Common = t.partial({ json: t.boolean, timeout: Seconds });

const optionName = (field: string): string => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const asOptions = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: optionName(field), expected }));

const readOptions = <O>(
  codec: t.Decoder<unknown, O>,
  { json: jsonFlag, timeout: timeoutSeconds, ...own }: Readonly<Record<string, unknown>>,
): O & CommonOptions =>
  orFail(
    pipe(
      decodeFields(Common)({ json: jsonFlag, timeout: timeoutSeconds }),
      E.chain(({ json = false, timeout }) =>
        pipe(
          decodeFields(codec)(own),
          E.map((options) => ({ ...options, json, ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }) })),
        ),
      ),
      E.mapLeft(asOptions),
    ),
  );

const examplesText = (examples: CommandSpec<unknown>['examples']): string =>
  ['', 'Examples:', ...examples.flatMap(([line, explanation]) => [`  $ ${line}`, `      ${explanation}`])].join('\n');

const argumentOf = ({ flags, describe, choices }: Described): Argument => {
  const argument = new Argument(flags, describe);
  // Not with commander's `choices`, whose error would repeat the value. The command's codec checks it.
  if (choices !== undefined) argument.argChoices = [...choices];
  return argument;
};

const optionOf = ({ flags, describe, choices }: Described): Option => {
  const option = new Option(flags, describe);
  if (choices !== undefined) option.argChoices = [...choices];
  return option;
};

/** Adds a command with `--json`, `--timeout` and help. */
export const addCommand = <O>(parent: Command, spec: CommandSpec<O>): void => {
  const { name, describe, args = [], options = [], codec, examples, run } = spec;
  const command = parent.command(name).description(describe);
  for (const argument of args) command.addArgument(argumentOf(argument));
  for (const option of options) command.addOption(optionOf(option));
  command
    .option('--json', 'write the result as JSON')
    .option('--timeout <seconds>', 'the timeout of calls')
    .addHelpText('after', examplesText(examples))
    .action(() => run({ args: command.args, options: readOptions(codec, command.opts()) }));
};
