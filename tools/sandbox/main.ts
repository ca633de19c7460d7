import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_PROFILES, type PlaygroundOptions, SETTINGS, type Settings, startSandbox } from './index.js';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly alone: boolean;
  readonly faults: keyof typeof FAULT_PROFILES;
  readonly behaviour: Settings['reRegistration'];
  readonly resendLink: Settings['resendLink'];
  readonly webhookUrl?: string;
  readonly gatewayUrl?: string;
  readonly gatewayKeyFile?: string;
  readonly temporalUi?: string;
  readonly workflowIdPrefix?: string;
  readonly set: Readonly<Record<string, unknown>>;
}

const MAX_PORT = 65_535;

const wholeNumber =
  (most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > most)
      throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}.`);
    return number;
  };

/** `name=value`, with the value as JSON where it is JSON. */
const setting = (text: string, former: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const [name = '', ...rest] = text.split('=');
  if (rest.length === 0) throw new InvalidArgumentError('Expected name=value.');
  const value = rest.join('=');
  try {
    return { ...former, [name]: JSON.parse(value) };
  } catch {
    return { ...former, [name]: value };
  }
};

const settingsHelp = Object.entries(SETTINGS).map(
  ([name, { fallback, meaning }]) =>
    `  ${name.padEnd(20)} ${meaning.replaceAll('`', '')} (${JSON.stringify(fallback)})`,
);

const readOptions = (): Options =>
  new Command('sandbox')
    .description('A Verifik look-alike over HTTP, with faults on command. It speaks to nobody but the webhook URL.')
    .option('--port <port>', 'where it listens on 127.0.0.1; 0 for any free port', wholeNumber(MAX_PORT), 8080)
    .option(
      '--seed <n>',
      'the same seed and calls give the same ids, codes and faults',
      wholeNumber(Number.MAX_SAFE_INTEGER),
      1,
    )
    .addOption(
      new Option('--behaviour <which>', 'what registering again does')
        .choices(['recreate', 'resume'])
        .default('recreate'),
    )
    .addOption(
      new Option('--resend-link <which>', 'whether there is a resend-link')
        .choices(['offered', 'absent'])
        .default('offered'),
    )
    .option('--alone', 'whoever is registered goes through by themselves', false)
    .addOption(new Option('--faults <profile>', 'a set of faults').choices(Object.keys(FAULT_PROFILES)).default('calm'))
    .option('--webhook-url <url>', 'where webhooks go')
    .option('--gateway-url <url>', 'the gateway that the playground starts onboardings through')
    .option('--gateway-key-file <file>', 'the file that holds an API key of the gateway')
    .option('--temporal-ui <url>', 'the Temporal UI that the playground links to')
    .option('--workflow-id-prefix <text>', "what the key's workflow ids begin with: onboarding-<tenant>:")
    .option('--set <name=value>', 'any setting of those below; may be repeated', setting, {})
    .addHelpText('after', `\nSettings:\n${settingsHelp.join('\n')}`)
    .parse()
    .opts<Options>();

const readPlayground = async (options: Options): Promise<PlaygroundOptions | undefined> => {
  const { gatewayUrl, gatewayKeyFile, temporalUi, workflowIdPrefix } = options;
  if (gatewayUrl === undefined && gatewayKeyFile === undefined) return undefined;
  if (gatewayUrl === undefined || gatewayKeyFile === undefined)
    throw new Error('--gateway-url and --gateway-key-file: expected both or none');
  return {
    gatewayUrl,
    apiKey: (await readFile(gatewayKeyFile, 'utf8')).trim(),
    ...(temporalUi === undefined ? {} : { temporalUiUrl: temporalUi }),
    ...(workflowIdPrefix === undefined ? {} : { workflowIdPrefix }),
  };
};

const run = async (options: Options): Promise<void> => {
  const { port, seed, alone, behaviour, resendLink, webhookUrl, faults, set } = options;
  const playground = await readPlayground(options);
  const sandbox = await startSandbox({
    port,
    seed,
    settings: {
      reRegistration: behaviour,
      resendLink,
      applicants: alone ? 'alone' : 'wait',
      ...(webhookUrl === undefined ? {} : { webhookUrl }),
      ...set,
    },
    faults: FAULT_PROFILES[faults],
    ...(playground === undefined ? {} : { playground }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
  const settings = await sandbox.control.settings();
  process.stdout.write(
    [
      `Verifik sandbox: ${sandbox.url}/v2 (seed ${seed}, faults ${faults})`,
      `Project ${sandbox.project}, flow ${sandbox.projectFlow}`,
      `Client token, for 30 days: ${sandbox.clientToken}`,
      `Settings: ${JSON.stringify(settings)}`,
      `Controls: ${sandbox.url}/_sandbox/{settings,faults,ledger,requests,outbox,clock,client-token,registrations,population,ids,webhooks/flush}`,
      `Playground: ${sandbox.url}/`,
      '',
    ].join('\n'),
  );
};

const options = readOptions();
try {
  await run(options);
} catch (error) {
  process.stderr.write(`The sandbox did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
