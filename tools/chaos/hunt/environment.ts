import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { BatchClient } from '../../../client/batches.js';
import { OnboardingClient } from '../../../client/index.js';
import { ReportRouter } from '../../../client/reports.js';
import { encryptingDataConverter, openKeyRing } from '../../../codec/index.js';
import { writeEndpoint } from '../../processes/callback-receiver.js';
import { startCallbackReceiverProcess } from '../../processes/callback-receiver-process.js';
import { startWorkerProcess, type WorkerProcess } from '../../processes/worker-process.js';
import { type KeyRings, makeKeyRings } from '../environment/key-rings.js';
import { startLinks } from '../environment/links.js';
import type { Temporal } from '../environment/servers.js';
import { openServer, type ServerName } from '../environment/servers.js';
import { type Supervised, supervise } from '../environment/supervised.js';
import { openVerifik, type Verifik } from '../environment/verifik.js';

const CONTACT_KEY = 'the-contact-key-of-the-hunt';

/** A worker may be away for longer: the caller goes on. */
const CALL_WITHIN_MS = 5_000;

export interface EnvironmentOptions {
  readonly seed: number;
  readonly folder: string;
  readonly server: ServerName;
  readonly workers: number;
  /** How many workflows each worker keeps in its cache; the worker's own default where it is absent. */
  readonly maxCachedWorkflows?: number;
}

/** The processes of a hunt, and the clients that reach Temporal without anything in between. */
export interface Environment {
  readonly temporal: Temporal;
  readonly verifik: Verifik;
  readonly keyRings: KeyRings;
  readonly workers: readonly Supervised<WorkerProcess>[];
  readonly raw: Client;
  readonly onboardings: OnboardingClient;
  readonly batches: BatchClient;
  readonly reports: ReportRouter;
  close(): Promise<void>;
}

const connect = async ({ address, namespace }: Temporal, keyRings: KeyRings): Promise<Client> =>
  new Client({
    connection: await Connection.connect({ address }),
    namespace,
    dataConverter: encryptingDataConverter({ keys: await openKeyRing(keyRings.provider), namespace }),
  });

/** Starts a Temporal server, the sandbox, a receiver of callbacks and the workers. */
export const openEnvironment = async (options: EnvironmentOptions): Promise<Environment> => {
  const { seed, folder, server, maxCachedWorkflows } = options;
  const closing: (() => Promise<void>)[] = [];
  const opened = <A extends { close(): Promise<void> }>(one: A): A => {
    closing.push(() => one.close());
    return one;
  };
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const secret = join(folder, 'private');
    await mkdir(secret, { mode: 0o700 });
    const links = opened(await startLinks(join(folder, 'toxiproxy.log'), seed));
    const temporal = opened(await openServer(server, folder, links));
    const verifik = opened(await openVerifik(folder, seed));
    const service = opened(await startCallbackReceiverProcess(folder));
    const keysFile = join(secret, 'keys.json');
    const keyRings = await makeKeyRings([keysFile]);
    const callbacksFile = join(secret, 'callbacks.json');
    writeEndpoint(callbacksFile, service);
    const workers: Supervised<WorkerProcess>[] = [];
    for (let number = 1; number <= options.workers; number += 1)
      workers.push(
        opened(
          await supervise(() =>
            startWorkerProcess({
              temporalAddress: temporal.address,
              namespace: temporal.namespace,
              verifikBaseUrl: verifik.url,
              clientToken: verifik.clientToken,
              contactKey: CONTACT_KEY,
              keysFile,
              callbacksFile,
              ...(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows }),
              logFile: join(folder, `worker-${number}.log`),
            }),
          ),
        ),
      );
    const raw = await connect(temporal, keyRings);
    closing.push(() => raw.connection.close());
    return {
      ...{ temporal, verifik, keyRings, workers, raw, close },
      onboardings: new OnboardingClient(raw, { contactKey: CONTACT_KEY, timeoutMs: CALL_WITHIN_MS }),
      batches: new BatchClient(raw),
      reports: new ReportRouter(raw, { withinMs: 5_000 }),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** An id as Verifik gives them, of nothing that it knows. */
export const unknownId = (): string => randomBytes(12).toString('hex');
