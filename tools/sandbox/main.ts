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
  (max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > max)
      throw new InvalidArgumentError(`Expected a whole number from 0 to ${max}.`);
    return number;
  };

/** Parses `name=value`. The value is parsed as JSON if possible, otherwise taken as text. */
const parseSetting = (text: string, previous: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const [name = '', ...rest] = text.split('=');
  if (rest.length === 0) throw new InvalidArgumentError('Expected name=value.');
  const value = rest.join('=');
  try {
    return { ...previous, [name]: JSON.parse(value) };
  } catch {
    return { ...previous, [name]: value };
  }
};

const settingsHelp = Object.entries(SETTINGS).map(
  ([name, { fallback, meaning }]) =>
    `  ${name.padEnd(20)} ${meaning.replaceAll('`', '')} (${JSON.stringify(fallback)})`,
);

const readOptions = (): Options =>
  new Command('sandbox')
    .description('A Verifik look-alike over HTTP with configurable faults. It sends requests only to the webhook URL.')
    .option('--port <port>', 'the port on 127.0.0.1; 0 selects a free port', wholeNumber(MAX_PORT), 8080)
    .option(
      '--seed <n>',
      'the same seed and calls give the same ids, codes and faults',
      wholeNumber(Number.MAX_SAFE_INTEGER),
      1,
    )
    .addOption(
      new Option('--behaviour <which>', 'how a second registration of a contact is handled')
        .choices(['recreate', 'resume'])
        .default('recreate'),
    )
    .addOption(
      new Option('--resend-link <which>', 'whether the API has resend-link')
        .choices(['offered', 'absent'])
        .default('offered'),
    )
    .option('--alone', 'registered applicants go through the checks automatically', false)
    .addOption(new Option('--faults <profile>', 'a fault profile').choices(Object.keys(FAULT_PROFILES)).default('calm'))
    .option('--webhook-url <url>', 'the URL that receives webhooks')
    .option('--gateway-url <url>', 'the gateway that the playground uses')
    .option('--gateway-key-file <file>', 'a file with an API key of the gateway')
    .option('--temporal-ui <url>', 'the Temporal UI that the playground links to')
    .option('--workflow-id-prefix <text>', "the prefix of the key's workflow ids: onboarding-<tenant>:")
    .option('--set <name=value>', 'one of the settings below; may be repeated', parseSetting, {})
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
