import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { workflowIdIn } from '../../../gateway/routes/resolve-onboarding.js';
import { writeEndpoint } from '../../processes/callback-receiver.js';
import {
  type CallbackReceiverProcess,
  startCallbackReceiverProcess,
} from '../../processes/callback-receiver-process.js';
import { type GatewayProcess, startGatewayProcess } from '../../processes/gateway-process.js';
import { FAULT_PROFILES } from '../../sandbox/index.js';
import { steadyPorts } from '../../servers/index.js';
import { type KeyRings, makeKeyRings } from './key-rings.js';
import { type Links, startLinks } from './links.js';
import type { Temporal } from './servers.js';
import { type Supervised, supervise } from './supervised.js';
import { openVerifik, type Verifik } from './verifik.js';
import { openWorkers, WORKER_NAMES, type Workers } from './workers.js';

const TENANT = 'shop';

const CONTACT_KEY = 'the-contact-key-of-the-chaos';

/** The base URLs and the API key of the gateways. */
export interface Access {
  readonly urls: readonly string[];
  readonly apiKey: string;
}

/** All processes of a run. */
export interface Environment {
  readonly temporal: Temporal;
  readonly verifik: Verifik;
  readonly service: CallbackReceiverProcess;
  readonly links: Links;
  readonly keyRings: KeyRings;
  readonly workers: Workers;
  readonly gateways: readonly Supervised<GatewayProcess<'shop'>>[];
  readonly access: Access;
  workflowIdOf(reference: string): string;
  /** Returns the secrets of all processes, with their descriptions. */
  secrets(): readonly { readonly what: string; readonly value: string }[];
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly seed: number;
  /** Receives the logs and dumps. Files with secrets go into the subfolder `private`, which is not searched. */
  readonly folder: string;
  /** Opens the Temporal server, with a link to its database if that is separate. */
  readonly openTemporal: (links: Links) => Promise<Temporal>;
}

const GATEWAYS = [1, 2] as const;

const openGateways = async ({
  folder,
  temporal,
  keyFileOf,
}: {
  folder: string;
  temporal: { address: string; namespace: string };
  keyFileOf: (name: string) => string;
}): Promise<Environment['gateways']> => {
  const opened: Supervised<GatewayProcess<'shop'>>[] = [];
  let like: GatewayProcess<'shop'> | undefined;
  for (const gateway of GATEWAYS) {
    const [address = '', metricsAddress = ''] = (await steadyPorts(2)).map((port) => `127.0.0.1:${port}`);
    const supervised = await supervise(() =>
      startGatewayProcess({
        temporalAddress: temporal.address,
        namespace: temporal.namespace,
        address,
        metricsAddress,
        keys: {
          shop: {
            tenant: TENANT,
            scopes: ['start', 'read', 'review'],
            callbacks: 'service',
            requestsPerMinute: 1_000_000,
          },
        },
        contactKey: CONTACT_KEY,
        keysFile: keyFileOf(`gateway-${gateway}`),
        logFile: join(folder, `gateway-${gateway}.log`),
        ...(like === undefined ? {} : { like }),
      }),
    );
    like ??= supervised.now();
    opened.push(supervised);
  }
  return opened;
};

/** Starts all processes. The sandbox has the fault profile "flaky". */
export const openEnvironment = async ({ seed, folder, openTemporal }: EnvironmentOptions): Promise<Environment> => {
  const closing: (() => Promise<void>)[] = [];
  const opened = <A extends { close(): Promise<void> }>(one: A): A => {
    closing.push(() => one.close());
    return one;
  };
  const close = async () => {
    for (const closeOne of closing.splice(0).reverse()) await closeOne();
  };
  try {
    const secret = join(folder, 'private');
    await mkdir(secret, { mode: 0o700 });
    const links = opened(await startLinks(join(folder, 'toxiproxy.log'), seed));
    const temporal = opened(await openTemporal(links));
    const verifik = opened(await openVerifik(folder, seed));
    const service = opened(await startCallbackReceiverProcess(folder));
    const keyFileOf = (name: string) => join(secret, `keys-${name}.json`);
    const names = [...WORKER_NAMES, ...GATEWAYS.map((one) => `gateway-${one}`)];
    const keyRings = await makeKeyRings(names.map(keyFileOf));

    const callbacksFile = join(secret, 'callbacks.json');
    const toService = await links.open('workersToService', new URL(service.url).host);
    writeEndpoint(callbacksFile, { url: `http://${toService}/callbacks`, secret: service.secret });

    const forWorkers = await links.open('workersToTemporal', temporal.address);
    const vendor = `http://${await links.open('workersToVerifik', verifik.address)}`;
    const workers = opened(
      await openWorkers({
        temporal,
        folder,
        keysFileOf: keyFileOf,
        temporalAddress: forWorkers,
        namespace: temporal.namespace,
        verifikBaseUrl: vendor,
        clientToken: verifik.clientToken,
        callbacksFile,
        contactKey: CONTACT_KEY,
        batchFolder: join(secret, 'batches'),
      }),
    );

    const forGateways = await links.open('gatewaysToTemporal', temporal.address);
    const { namespace } = temporal;
    const gateways = await openGateways({ folder, temporal: { address: forGateways, namespace }, keyFileOf });
    for (const gateway of gateways) opened(gateway);
    const [front] = gateways.map((gateway) => gateway.now());
    if (front === undefined) throw new Error('no gateway is running');
    const webhooks = await links.open('verifikToGateway', new URL(front.url).host);
    await verifik.control.settings({ webhookUrl: front.webhookUrl.replace(new URL(front.url).host, webhooks) });
    await verifik.control.faults(FAULT_PROFILES.flaky);

    const urls = gateways.flatMap((gateway) => gateway.now()?.url ?? []);
    return {
      ...{ temporal, verifik, service, links, keyRings, workers, gateways, close },
      access: { urls, apiKey: front.keys.shop },
      workflowIdOf: (reference) => workflowIdIn(TENANT, reference),
      secrets: () => [
        { what: "Verifik's client token", value: verifik.clientToken },
        { what: 'the API key', value: front.keys.shop },
        { what: 'the webhook secret', value: front.webhookSecret },
        { what: 'the callback secret', value: service.secret.replace('whsec_', '') },
        { what: 'the contact key', value: CONTACT_KEY },
        ...keyRings.keys().map((value, index) => ({ what: `encryption key ${index + 1}`, value })),
      ],
    };
  } catch (error) {
    await close();
    throw error;
  }
};
