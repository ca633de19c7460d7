import { Argument, type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { CallOptions } from '../client/index.js';
import { decodeFields, type FieldError, matching, textUpTo, wrongField } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { count, Name } from '../shared/settings.js';
import { SECOND_MS } from '../shared/time.js';
import type { CliContext } from './context.js';
import { wrongUsage } from './failures.js';

/** Adds a command, or a group of commands. */
export type AddCommand = (parent: Command, context: CliContext) => void;

/** A positional argument, for help and completion. The command reads its value. */
export interface ArgumentSpec {
  readonly name: string;
  readonly describe: string;
  readonly choices?: readonly string[];
}

/** An option. Its flag is the key in the table of options, in kebab case. */
export interface OptionSpec<A = unknown, R extends boolean = boolean> {
  /** The placeholder of the value, such as `<id>`. Empty for a switch. */
  readonly value: string;
  readonly describe: string;
  /** Reads the value. Completion offers the values of an enumeration. */
  readonly codec: t.Decoder<unknown, A>;
  readonly required: R;
  readonly short?: string;
}

export const option = <A>(value: string, describe: string, codec: t.Decoder<unknown, A>): OptionSpec<A, false> => ({
  value,
  describe,
  codec,
  required: false,
});

export const required = <A>(...spec: Parameters<typeof option<A>>): OptionSpec<A, true> => ({
  ...option(...spec),
  required: true,
});

export const flag = (describe: string): OptionSpec<boolean, false> => option('', describe, t.boolean);

type ValueOf<S> = S extends OptionSpec<infer A> ? A : never;

type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The values of a table of options. Those that are not required may be absent. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T as T[K]['required'] extends true ? K : never]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as T[K]['required'] extends true ? never : K]?: ValueOf<T[K]>;
};

export interface Invocation<T extends OptionTable> {
  readonly args: readonly string[];
  readonly options: OptionValues<T>;
  readonly json: boolean;
  /** The timeout of calls, from `--timeout`. */
  readonly call: CallOptions;
  /** Writes the result: as JSON with `--json`, otherwise as lines. */
  readonly show: (result: unknown, lines: readonly string[]) => void;
}

/** Command lines, each with its explanation. */
type Examples = Readonly<Record<string, string>>;

export interface CommandSpec<T extends OptionTable> {
  readonly name: string;
  readonly describe: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: T;
  readonly examples: Examples;
  /** Commands below this one. An argument of the same name is a command. */
  readonly commands?: readonly AddCommand[];
  readonly run: (invocation: Invocation<T>, context: CliContext) => Promise<void>;
}

/** The options of the program, each with the variable of Temporal that it overrides. */
const CONNECTION = {
  address: option(
    '<host:port>',
    'the address of the Temporal server; overrides TEMPORAL_ADDRESS',
    matching(/^[\w.:[\]-]{1,300}$/, 'an address such as 127.0.0.1:7233'),
  ),
  namespace: option('<name>', 'the namespace; overrides TEMPORAL_NAMESPACE', Name),
  profile: option('<name>', "the profile of Temporal's configuration file; overrides TEMPORAL_PROFILE", textUpTo(200)),
};

const COMMON = {
  json: flag('write the result as JSON'),
  timeout: option('<seconds>', 'the timeout of calls', count(1, 86_400)),
};

/** Returns the flag of an option by its name in camel case. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Reads the options of a table. @throws CliFailure that names each wrong option. */
function readOptions<T extends OptionTable>(
  table: T | undefined,
  given: Readonly<Record<string, unknown>>,
): OptionValues<T>;
function readOptions(table: OptionTable = {}, given: Readonly<Record<string, unknown>>): object {
  const values: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [name, { codec, describe, required: isRequired }] of Object.entries(table)) {
    const value = given[name];
    if (value === undefined) {
      if (isRequired) errors.push({ field: flagOf(name), expected: `this option: ${describe}` });
      continue;
    }
    // Node replaces the bytes of an argument that are not UTF-8.
    const isText = typeof value !== 'string' || !value.includes('\uFFFD');
    const decoded = isText ? decodeFields(codec)(value) : wrongField(name, 'a text in UTF-8');
    if (E.isRight(decoded)) values[name] = decoded.right;
    else errors.push(...decoded.left.map(({ expected }) => ({ field: flagOf(name), expected })));
  }
  if (errors.length > 0) throw wrongUsage(...errors);
  return values;
}

/** Sets the choices without commander's `choices`, whose error would repeat the value. The codec checks it. */
const withChoices = <A extends Argument | Option>(added: A, choices: readonly string[] | undefined): A => {
  if (choices !== undefined) added.argChoices = [...choices];
  return added;
};

const optionOf = (name: string, { value, describe, codec, short }: OptionSpec): Option => {
  const flags = [short, `${flagOf(name)} ${value}`].filter((part) => part !== undefined).join(', ');
  const item = codec instanceof t.ReadonlyArrayType ? codec.type : codec;
  const added = withChoices(
    new Option(flags.trim(), describe),
    item instanceof t.KeyofType ? Object.keys(item.keys) : undefined,
  );
  // An option with a list of values is repeated, once for each.
  return item === codec ? added : added.argParser((value, former: readonly string[] = []) => [...former, value]);
};

export const examplesText = (examples: Examples): string =>
  ['', 'Examples:', ...Object.entries(examples).flatMap(([line, why]) => [`  $ ${line}`, `      ${why}`])].join('\n');

/** Adds the options of the connection to the program. They may precede or follow a command. */
export const addConnectionOptions = (program: Command, { overrideEnv }: CliContext): void => {
  for (const [name, spec] of Object.entries(CONNECTION)) program.addOption(optionOf(name, spec));
  program.hook('preAction', () => {
    const given = readOptions(CONNECTION, program.opts());
    for (const [name, value] of Object.entries(given))
      overrideEnv(`TEMPORAL_${name.toUpperCase()}`, value, `--${name}`);
  });
};

/** Defines a command, with `--json`, `--timeout` and help. */
export const command =
  <T extends OptionTable = Record<never, OptionSpec>>(spec: CommandSpec<T>): AddCommand =>
  (parent, context) => {
    const { name, describe, args = [], options, examples, commands = [], run } = spec;
    const added = parent.command(name).description(describe);
    for (const argument of args)
      added.addArgument(withChoices(new Argument(`[${argument.name}]`, argument.describe), argument.choices));
    for (const [field, own] of Object.entries({ ...options, ...COMMON })) added.addOption(optionOf(field, own));
    added.addHelpText('after', examplesText(examples)).action(() => {
      // A command above takes the options that both have.
      const { json = false, timeout } = readOptions(COMMON, added.optsWithGlobals());
      return run(
        {
          args: added.args,
          options: readOptions(options, added.opts()),
          json,
          call: defined({ timeoutMs: timeout && timeout * SECOND_MS }),
          show: (result, lines) => (json ? context.terminal.json(result) : context.terminal.line(lines.join('\n'))),
        },
        context,
      );
    });
    for (const add of commands) add(added, context);
  };

/** Defines a group of commands. */
export const group =
  (name: string, describe: string, commands: readonly AddCommand[]): AddCommand =>
  (parent, context) => {
    const added = parent.command(name).description(describe);
    for (const add of commands) add(added, context);
  };
