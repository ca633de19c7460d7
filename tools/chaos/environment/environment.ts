import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { openSigningKeys } from '../../../codec/evidence/signing-keys.js';
import { workflowIdIn } from '../../../gateway/routes/resolve-onboarding.js';
import { createGatewaySecrets, type GatewayProcess, startGatewayProcess } from '../../processes/gateway-process.js';
import { Opened } from '../../processes/opened.js';
import { type Supervised, supervise } from '../../processes/supervised.js';
import { FAULT_PROFILES } from '../../sandbox/index.js';
import { steadyPorts } from '../../servers/index.js';
import { type Base, type BaseOptions, keysFileOf, openBase, privateFile, writeCallbacksFile } from './base.js';
import { openWorkers, WORKER_NAMES, type Workers } from './workers.js';

const TENANT = 'shop';

const CONTACT_KEY = 'the-contact-key-of-the-chaos';

/** The base URLs and the API key of the gateways. */
export interface Access {
  readonly urls: readonly string[];
  readonly apiKey: string;
}

/** All processes of a run. */
export interface Environment extends Base {
  readonly workers: Workers;
  readonly gateways: readonly Supervised<GatewayProcess<'shop'>>[];
  readonly access: Access;
  /** The public keys of the evidence. */
  publicKeys(): Promise<JSONWebKeySet>;
  workflowIdOf(reference: string): string;
  /** Returns the secrets of all processes, with their descriptions. */
  secrets(): readonly { readonly what: string; readonly value: string }[];
  close(): Promise<void>;
}

const GATEWAY_NAMES = ['gateway-1', 'gateway-2'] as const;

const openGateways = async (
  opened: Opened,
  folder: string,
  temporal: { readonly temporalAddress: string; readonly namespace: string },
  evidenceKeys: string,
): Promise<Environment['gateways']> => {
  const secrets = await createGatewaySecrets({
    shop: {
      tenant: TENANT,
      scopes: ['start', 'read', 'review', 'evidence'],
      callbacks: 'service',
      requestsPerMinute: 1_000_000,
    },
  });
  const gateways: Supervised<GatewayProcess<'shop'>>[] = [];
  for (const name of GATEWAY_NAMES) {
    const [address = '', metricsAddress = ''] = (await steadyPorts(2)).map((port) => `127.0.0.1:${port}`);
    const start = () =>
      startGatewayProcess({
        ...temporal,
        address,
        metricsAddress,
        secrets,
        contactKey: CONTACT_KEY,
        env: { ONBOARDING_EVIDENCE_KEYS: evidenceKeys },
        keysFile: keysFileOf(folder, name),
        logFile: join(folder, `${name}.log`),
      });
    gateways.push(opened.add(await supervise(start)));
  }
  return gateways;
};

/** Starts all processes. The sandbox has the fault profile "flaky". */
export const openEnvironment = (options: BaseOptions): Promise<Environment> =>
  Opened.closingOnFailure(async (opened) => {
    const base = await openBase(opened, options, [...WORKER_NAMES, ...GATEWAY_NAMES]);
    const { folder, links, temporal, verifik, service, keyRings } = base;
    const { namespace } = temporal;
    const evidenceKey = randomBytes(32).toString('base64');
    const evidenceKeys = JSON.stringify({ current: 'chaos', keys: { chaos: evidenceKey } });
    const signingKeys = await openSigningKeys({ evidenceKeys });
    const toService = await links.open('workersToService', new URL(service.url).host);
    const workers = opened.add(
      await openWorkers({
        temporal,
        folder,
        temporalAddress: await links.open('workersToTemporal', temporal.address),
        namespace,
        verifikBaseUrl: `http://${await links.open('workersToVerifik', new URL(verifik.url).host)}`,
        clientToken: verifik.clientToken,
        callbacksFile: writeCallbacksFile(base, `http://${toService}/callbacks`),
        contactKey: CONTACT_KEY,
        evidenceKeys,
        batchFolder: privateFile(folder, 'batches'),
      }),
    );

    const temporalAddress = await links.open('gatewaysToTemporal', temporal.address);
    const gateways = await openGateways(opened, folder, { temporalAddress, namespace }, evidenceKeys);
    const [front] = gateways.map((gateway) => gateway.now());
    if (front === undefined) throw new Error('no gateway is running');
    const { host } = new URL(front.url);
    const webhooks = await links.open('verifikToGateway', host);
    await verifik.control.settings({ webhookUrl: front.webhookUrl.replace(host, webhooks) });
    await verifik.control.faults(FAULT_PROFILES.flaky);

    const urls = gateways.flatMap((gateway) => gateway.now()?.url ?? []);
    return {
      ...base,
      ...{ workers, gateways, access: { urls, apiKey: front.keys.shop }, close: () => opened.close() },
      publicKeys: async () => (await signingKeys?.publicKeys()) ?? { keys: [] },
      workflowIdOf: (reference) => workflowIdIn(TENANT, reference),
      secrets: () => [
        { what: "Verifik's client token", value: verifik.clientToken },
        { what: 'the API key', value: front.keys.shop },
        { what: 'the webhook secret', value: front.webhookSecret },
        { what: 'the callback secret', value: service.secret.replace('whsec_', '') },
        { what: 'the key that signs evidence', value: evidenceKey },
        { what: 'the contact key', value: CONTACT_KEY },
        ...keyRings.keys().map((value, index) => ({ what: `encryption key ${index + 1}`, value })),
      ],
    };
  });
