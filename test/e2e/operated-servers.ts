import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findTemporalCli, freePort } from '../../devserver/index.js';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { type Applicant, inventPeople, type Person } from '../../sandbox/index.js';
import { type CodecServerProcess, startCodecServerProcess } from '../../start/codec-server-process.js';
import { openRealServers, type RealServers } from './real-servers.js';

/** Whoever sees what the codec server shows them; without a role, payloads are not decoded. */
export type Viewer = keyof CodecServerProcess['tokens'] | undefined;

/** What a command came to. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error, as a terminal shows them. */
  readonly all: string;
}

/** An onboarding, and its applicant at their device. */
export interface Begun {
  readonly workflowId: string;
  readonly appRegistrationId: string;
  readonly token: string;
  readonly applicant: Applicant;
}

/** Real servers and what people operate onboardings with: the UI, the codec server and the official `temporal` CLI. */
export interface OperatedServers extends RealServers {
  readonly codecServer: CodecServerProcess;
  /** Runs the CLI; `viewer` has it ask the codec server. */
  temporalCli(args: readonly string[], viewer?: Viewer): Promise<Ran>;
  /** Runs a shell script in which `temporal` is the CLI, set up by its environment variables as a viewer who sees personal data. */
  shell(script: string): Promise<Ran>;
  /** Starts the onboarding of a customer, who then does checks that the backend reports. */
  begin(person: Person, reference: string, ...checks: CheckName[]): Promise<Begun>;
}

/** Meets somebody new each time; `tag` goes into the email, where it can force outcomes. */
export const meetPeople = (seed: number): ((tag?: string) => Person) => {
  const people = inventPeople(seed, 50).values();
  return (tag) => {
    const person = people.next().value;
    if (person === undefined) throw new Error('everybody has been met');
    return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
  };
};

export const openOperatedServers = async (
  settings: Parameters<typeof openRealServers>[0] = {},
): Promise<OperatedServers> => {
  const real = await openRealServers(settings);
  const codecServer = await startCodecServerProcess({
    address: `127.0.0.1:${await freePort()}`,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    uiOrigin: real.uiUrl,
    namespace: 'default',
    keysFile: real.keysFile,
    logFile: join(dirname(real.logFile), 'codec-server.log'),
  });
  const cli = await findTemporalCli(() => undefined);
  // No configuration file of this user may say where Temporal is.
  const environment = { TEMPORAL_ADDRESS: real.address, TEMPORAL_CONFIG_FILE: '/dev/null' };

  const run = async (command: string, args: readonly string[], env: Record<string, string>): Promise<Ran> => {
    const { exitCode, stdout, all } = await execa(command, args, { env, reject: false, all: true, stdin: 'ignore' });
    return { exitCode: exitCode ?? -1, stdout, all };
  };

  const codecArguments = (viewer: Viewer): readonly string[] =>
    viewer === undefined
      ? []
      : ['--codec-endpoint', codecServer.url, '--codec-auth', `Bearer ${codecServer.tokens[viewer]}`];

  return {
    ...real,
    codecServer,
    temporalCli: (args, viewer) => run(cli, [...args, ...codecArguments(viewer)], environment),
    shell: (script) =>
      run('bash', ['-euc', script], {
        ...environment,
        PATH: `${dirname(cli)}:${process.env['PATH']}`,
        TEMPORAL_CODEC_ENDPOINT: codecServer.url,
        TEMPORAL_CODEC_AUTH: `Bearer ${codecServer.tokens.personalData}`,
      }),
    begin: async (person, reference, ...checks) => {
      const { workflowId, appRegistrationId, token } = await real.client.start(real.request(person), { reference });
      const applicant = real.applicantWith(person, token);
      for (const check of CHECK_NAMES.filter((name) => checks.includes(name))) {
        const { status, validationId } = await applicant.pass(check);
        await real.client.signalValidation(workflowId, check, { status, validationId });
      }
      return { workflowId, appRegistrationId, token, applicant };
    },
    close: async () => {
      await codecServer.stop();
      await real.close();
    },
  };
};
