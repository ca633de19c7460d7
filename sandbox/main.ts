import { Command, Option } from 'commander';
import { FAULT_PROFILES, type Settings, startSandbox } from './index.js';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly alone: boolean;
  readonly faults: keyof typeof FAULT_PROFILES;
  readonly behaviour: Settings['reRegistration'];
  readonly resendLink: Settings['resendLink'];
  readonly set: Readonly<Record<string, unknown>>;
}

/** `name=value`, with the value as JSON where it is JSON. */
const setting = (text: string, former: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  try {
    return { ...former, [name]: JSON.parse(value) };
  } catch {
    return { ...former, [name]: value };
  }
};

const program = new Command('sandbox')
  .description(
    'A Verifik look-alike over HTTP, with faults on command. Nothing that is sent to it leaves this machine.',
  )
  .option('--port <port>', 'where it listens on 127.0.0.1; 0 for any free port', Number, 8080)
  .option('--seed <n>', 'the same seed and calls give the same ids, codes and faults', Number, 1)
  .addOption(
    new Option('--behaviour <behaviour>', 'what registering again does')
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
  .option('--set <name=value>', 'any other setting, as /_sandbox/settings lists them; may be repeated', setting, {});

const options = program.parse().opts<Options>();
const { port, seed, alone, behaviour: reRegistration, resendLink, faults } = options;
try {
  const sandbox = await startSandbox({
    port,
    seed,
    settings: { reRegistration, resendLink, applicants: alone ? 'alone' : 'wait', ...options.set },
    faults: FAULT_PROFILES[faults],
  });
  process.stdout.write(
    [
      `Verifik sandbox: ${sandbox.url}/v2 (${reRegistration}, resend-link ${resendLink}, ${faults})`,
      `Project ${sandbox.project}, flow ${sandbox.projectFlow}`,
      `Client token, for 30 days: ${sandbox.clientToken}`,
      `Controls: ${sandbox.url}/_sandbox/{settings,faults,ledger,requests,outbox,clock,registrations}`,
      '',
    ].join('\n'),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
} catch (error) {
  process.stderr.write(`The sandbox did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
