import { dirname, join } from 'node:path';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { type CodecServerProcess, startCodecServerProcess } from '../../tools/processes/codec-server-process.js';
import { type Applicant, inventPeople, type Person } from '../../tools/sandbox/index.js';
import { freePort } from '../../tools/servers/index.js';
import { openRealServers, type RealServers } from './real-servers.js';
import { type CommandResult, openShell } from './shell.js';

/** The role of a viewer at the codec server. Without a role, payloads are not decoded. */
export type Viewer = keyof CodecServerProcess['tokens'] | undefined;

/** A started onboarding with its applicant's device. */
export interface Started {
  readonly workflowId: string;
  readonly appRegistrationId: string;
  readonly token: string;
  readonly applicant: Applicant;
}

/** Real servers with the tools of operators: the Temporal UI, the codec server and the official `temporal` CLI. */
export interface OperatedServers extends RealServers {
  readonly codecServer: CodecServerProcess;
  /** Runs the CLI. With a `viewer`, it uses the codec server. */
  temporalCli(args: readonly string[], viewer?: Viewer): Promise<CommandResult>;
  /** Runs a shell script in which `temporal` is the CLI, configured with the role that sees personal data. */
  shell(script: string): Promise<CommandResult>;
  /** Starts an onboarding, passes the checks and reports them. */
  begin(person: Person, reference: string, ...checks: CheckName[]): Promise<Started>;
}

/** Returns a function that returns a new person each time. Its `tag` is added to the email and can force results. */
export const personGenerator = (seed: number): ((tag?: string) => Person) => {
  const people = inventPeople(seed, 50).values();
  return (tag) => {
    const person = people.next().value;
    if (person === undefined) throw new Error('all invented people are used');
    return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
  };
};

export const openOperatedServers = async (
  settings: Parameters<typeof openRealServers>[0] = {},
): Promise<OperatedServers> => {
  const servers = await openRealServers(settings);
  // By default, some search attributes are published up to five minutes later.
  const real = { ...servers, client: servers.promptClient };
  const codecServer = await startCodecServerProcess({
    address: `127.0.0.1:${await freePort()}`,
    metricsAddress: `127.0.0.1:${await freePort()}`,
    uiOrigin: real.uiUrl,
    namespace: 'default',
    keysFile: real.keysFile,
    logFile: join(dirname(real.logFile), 'codec-server.log'),
  });
  const { temporalCli, shell } = await openShell(real.address);

  const codecArguments = (viewer: Viewer): readonly string[] =>
    viewer === undefined
      ? []
      : ['--codec-endpoint', codecServer.url, '--codec-auth', `Bearer ${codecServer.tokens[viewer]}`];

  return {
    ...real,
    codecServer,
    temporalCli: (args, viewer) => temporalCli([...args, ...codecArguments(viewer)]),
    shell: (script) =>
      shell(script, {
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
