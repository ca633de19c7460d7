import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEndpoints } from '../../processes/callback-receiver.js';
import {
  type CallbackReceiverProcess,
  startCallbackReceiverProcess,
} from '../../processes/callback-receiver-process.js';
import type { Opened } from '../../processes/opened.js';
import { type SandboxProcess, startSandboxProcess } from '../../processes/sandbox-process.js';
import type { Settings } from '../../sandbox/index.js';
import { type KeyRings, makeKeyRings } from './key-rings.js';
import { type Links, startLinks } from './links.js';
import { openServer, type ServerName, type Temporal } from './servers.js';

/** The processes around the code under test. */
export interface Base {
  /** Receives the logs and dumps. Files with secrets go into the subfolder `private`, which is not searched. */
  readonly folder: string;
  readonly links: Links;
  readonly temporal: Temporal;
  /** The sandbox, whose webhooks are lost, delayed, repeated, reordered and forged. */
  readonly verifik: SandboxProcess;
  readonly service: CallbackReceiverProcess;
  readonly keyRings: KeyRings;
}

export interface BaseOptions {
  readonly seed: number;
  readonly server: ServerName;
}

const WEBHOOKS: Partial<Settings> = {
  webhookCopies: [0, 3],
  webhookShuffle: 20,
  webhookDelayMs: 150,
  webhookForgeryRate: 0.05,
  webhookLossRate: 0.05,
};

/** Returns the path of a file with secrets. */
export const privateFile = (folder: string, name: string): string => join(folder, 'private', name);

/** Returns the path of the key ring of a process. */
export const keysFileOf = (folder: string, name: string): string => privateFile(folder, `keys-${name}.json`);

/** Starts the processes, and creates a key ring for each of the named ones. */
export const openBase = async (
  opened: Opened,
  { seed, server }: BaseOptions,
  names: readonly string[],
): Promise<Base> => {
  const folder = await mkdtemp(join(tmpdir(), 'verifik-onboarding-chaos-'));
  // If this process runs as root, PostgreSQL runs as another user and needs access to its subfolder.
  await chmod(folder, 0o711);
  await mkdir(join(folder, 'private'), { mode: 0o700 });
  const links = opened.add(await startLinks(join(folder, 'toxiproxy.log'), seed));
  const temporal = opened.add(await openServer(server, folder, links));
  const verifik = await startSandboxProcess(privateFile(folder, 'verifik.log'), WEBHOOKS, seed);
  opened.onClose(() => verifik.kill());
  const service = opened.add(await startCallbackReceiverProcess(folder));
  const keyRings = await makeKeyRings(names.map((name) => keysFileOf(folder, name)));
  return { folder, links, temporal, verifik, service, keyRings };
};

/** Writes the callbacks file of the workers, and returns its path. `url` is that of a link to the service, if any. */
export const writeCallbacksFile = ({ folder, service }: Base, url = service.url): string => {
  const file = privateFile(folder, 'callbacks.json');
  const endpoint = { url, secrets: [service.secret], evidence: true };
  writeEndpoints(file, { endpoints: { service: endpoint }, allowedHosts: ['127.0.0.1'] });
  return file;
};
