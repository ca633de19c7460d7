import { randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { answersWell, startProcess, startServing } from '../../tools/servers/index.js';
import { compose, TOP } from './files.js';
import { IMAGE, LIMITS, PODMAN, podman, podmanOutput } from './podman.js';

const STOP_WITHIN_MS = 20_000;

type Variables = Readonly<Record<string, string>>;

/** A folder with the secrets of `make-secrets.sh`. */
export interface Secrets {
  readonly folder: string;
  readonly apiKey: string;
  readonly webhookPath: string;
  readonly codecServerToken: string;
}

export const makeSecrets = async (verifikClientToken: string): Promise<Secrets> => {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  await writeFile(join(folder, 'verifik-client-token'), verifikClientToken);
  const { stdout } = await execa('sh', ['deploy/make-secrets.sh', folder], { cwd: TOP });
  const find = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? '';
  return {
    folder,
    apiKey: find(/^API key .*: (\w+)$/m),
    webhookPath: find(/(\/webhooks\/verifik\/\w+)$/m),
    codecServerToken: find(/#token=(\w+)$/m),
  };
};

/** The restrictions of the pods in Kubernetes. */
const RESTRICTED = [
  ...['--read-only', '--read-only-tmpfs=false', '--tmpfs', '/tmp', '--volume', '/var/lib/onboarding/batches'],
  ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--network', 'host', ...LIMITS],
];

/** Runs a command of the image, and resolves when it has ended. */
export const runImage = (...command: readonly string[]) => podman('run', '--rm', ...RESTRICTED, IMAGE, ...command);

const withDefaults = (value: string | number) => String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');

const commandOf = (service: string): readonly string[] => compose.services[service]?.command?.map(withDefaults) ?? [];

/** Formats the environment and the secrets of a service in compose.yaml, with changed variables, as options. */
const optionsOf = (service: string, secrets: Secrets, changed: Variables): readonly string[] => {
  const { environment = {}, secrets: names = [] } = compose.services[service] ?? {};
  const fileOf = (name: string) => join(secrets.folder, basename(compose.secrets[name]?.file ?? ''));
  return [
    ...Object.entries({ ...environment, ...changed }).flatMap(([name, value]) => [
      '--env',
      `${name}=${withDefaults(value)}`,
    ]),
    ...names.flatMap((name) => ['--volume', `${fileOf(name)}:/run/secrets/${name}:ro`]),
  ];
};

/** A running process of the image. */
export interface Container {
  /** Sends SIGTERM. Resolves to the container's state and exit code, such as `exited 0`. */
  stop(): Promise<string>;
  /** Runs a command in the container. */
  exec(...command: readonly string[]): Promise<string>;
}

/** Runs processes of the image as services of compose.yaml, in the network of this machine. */
export const containersWith = (secrets: Secrets) => {
  const names: string[] = [];
  return {
    /** Runs a service with its own or another command, and resolves when it has ended. */
    run: (service: string, changed: Variables, command = commandOf(service)) =>
      podman('run', '--rm', ...RESTRICTED, ...optionsOf(service, secrets, changed), IMAGE, ...command),
    /** Starts a service, and resolves when it is ready. */
    start: async (service: string, changed: Variables, healthAddress: string): Promise<Container> => {
      const name = `${service}-${randomUUID()}`;
      names.push(name);
      const options = ['--name', name, ...RESTRICTED, ...optionsOf(service, secrets, changed)];
      const args = [...PODMAN.options, 'run', ...options, IMAGE, ...commandOf(service)];
      const running = startProcess(PODMAN.command, args, { stopWithinMs: STOP_WITHIN_MS });
      await startServing(`The ${service}`, running, () => answersWell(`http://${healthAddress}/readyz`));
      return {
        stop: async () => {
          await running.stop();
          return podmanOutput('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', name);
        },
        exec: (...inside) => podmanOutput('exec', name, ...inside),
      };
    },
    close: async (): Promise<void> => {
      if (names.length > 0) await podman('rm', '--force', '--volumes', '--time', '0', ...names);
    },
  };
};
