import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workflowIdIn } from '../../../gateway/tenants.js';
import { type GatewayProcess, startGatewayProcess } from '../../processes/gateway-process.js';
import { FAULT_PROFILES } from '../../sandbox/index.js';
import { steadyPorts } from '../../servers/index.js';
import { type KeyRings, makeKeyRings } from './key-rings.js';
import { type Links, startLinks } from './links.js';
import { openService, type Service } from './service.js';
import { type Supervised, supervise } from './supervised.js';
import type { Temporal } from './temporal.js';
import { openVerifik, type Verifik } from './verifik.js';
import { openWorkers, WORKER_NAMES, type Workers } from './workers.js';

const TENANT = 'shop';

const CONTACT_KEY = 'the-contact-key-of-the-chaos';

/** How the service reaches the gateways. */
export interface Access {
  readonly urls: readonly string[];
  readonly apiKey: string;
}

/** All processes of a run. */
export interface World {
  readonly temporal: Temporal;
  readonly verifik: Verifik;
  readonly service: Service;
  readonly links: Links;
  readonly keyRings: KeyRings;
  readonly workers: Workers;
  readonly gateways: readonly Supervised<GatewayProcess<'shop'>>[];
  readonly access: Access;
  /** The id of the workflow that the service knows by the reference. */
  workflowIdOf(reference: string): string;
  /** Values that nobody may find anywhere, with what they are. */
  secrets(): readonly { readonly what: string; readonly value: string }[];
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  /** Logs and all that is judged go there. What is secret goes into its folder `private`. */
  readonly folder: string;
  /** Opens the Temporal server: between it and its database, if it has one, there is to be a link. */
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
}): Promise<World['gateways']> => {
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

/** Opens everything, with the sandbox's faults on. */
export const openWorld = async ({ seed, folder, openTemporal }: WorldOptions): Promise<World> => {
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
    const temporal = opened(await openTemporal(links));
    const verifik = opened(await openVerifik(folder, seed));
    const service = opened(await openService(folder));
    const keyFileOf = (name: string) => join(secret, `keys-${name}.json`);
    const names = [...WORKER_NAMES, ...GATEWAYS.map((one) => `gateway-${one}`)];
    const keyRings = await makeKeyRings(names.map(keyFileOf));

    const callbacksFile = join(secret, 'callbacks.json');
    const callbackUrl = `http://${await links.open('workersToService', service.address)}/callbacks`;
    const endpoints = { service: { url: callbackUrl, secrets: [service.secret] } };
    await writeFile(callbacksFile, JSON.stringify({ endpoints, allowedHosts: ['127.0.0.1'] }), { mode: 0o600 });

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
    if (front === undefined) throw new Error('there is no gateway');
    const webhooks = await links.open('verifikToGateway', new URL(front.url).host);
    await verifik.control.settings({ webhookUrl: front.webhookUrl.replace(new URL(front.url).host, webhooks) });
    await verifik.control.faults(FAULT_PROFILES.flaky);

    const urls = gateways.flatMap((gateway) => gateway.now()?.url ?? []);
    return {
      ...{ temporal, verifik, service, links, keyRings, workers, gateways, close },
      access: { urls, apiKey: front.keys.shop },
      workflowIdOf: (reference) => workflowIdIn(TENANT, reference),
      secrets: () => [
        { what: "the client's token at Verifik", value: verifik.clientToken },
        { what: 'the API key', value: front.keys.shop },
        { what: 'the secret of the webhooks', value: front.webhookSecret },
        { what: 'the secret of the callbacks', value: service.secret.replace('whsec_', '') },
        { what: 'the key of the contacts', value: CONTACT_KEY },
        ...keyRings.keys().map((value, index) => ({ what: `encryption key ${index + 1}`, value })),
      ],
    };
  } catch (error) {
    await close();
    throw error;
  }
};
