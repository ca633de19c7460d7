import { PLUGIN, STORES } from './schema.js';

/** The server's four services, all of them in one process. */
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

type Service = (typeof SERVICES)[number];

/** Where each service listens for gRPC and for the others' gossip, and where the metrics are. */
export interface ServerPorts {
  readonly grpc: Readonly<Record<Service, number>>;
  readonly membership: Readonly<Record<Service, number>>;
  readonly metrics: number;
}

/** How many ports `portsFrom` deals out. */
export const PORTS = 2 * SERVICES.length + 1;

export const portsFrom = (ports: readonly number[], frontend: number | undefined): ServerPorts => {
  const port = (index: number): number => ports[index] ?? 0;
  return {
    grpc: { frontend: frontend ?? port(0), history: port(1), matching: port(2), worker: port(3) },
    membership: { frontend: port(4), history: port(5), matching: port(6), worker: port(7) },
    metrics: port(8),
  };
};

/**
 * Connections for each service and store: four times both is what PostgreSQL has to bear (`MAX_CONNECTIONS` there). More of them than this
 * wait for one another inside of PostgreSQL instead, on a machine of a few cores.
 */
const CONNECTIONS = { default: 20, visibility: 8 } as const;

const datastore = (store: keyof typeof STORES, databaseAddress: string) => ({
  sql: {
    pluginName: PLUGIN,
    databaseName: STORES[store].database,
    connectAddr: databaseAddress,
    connectProtocol: 'tcp',
    user: 'postgres',
    maxConns: CONNECTIONS[store],
    maxIdleConns: CONNECTIONS[store],
    maxConnLifetime: '1h',
  },
});

/** The server's static configuration. YAML has all of JSON in it, which needs no other library to be written. */
export const serverConfiguration = ({
  ports,
  databaseAddress,
  numHistoryShards,
  dynamicConfigFile,
}: {
  readonly ports: ServerPorts;
  readonly databaseAddress: string;
  readonly numHistoryShards: number;
  readonly dynamicConfigFile: string;
}) => ({
  // Every request that PostgreSQL's absence fails is a warning or an error; nothing else needs to be kept.
  log: { stdout: true, level: 'warn' },
  persistence: {
    defaultStore: 'default',
    visibilityStore: 'visibility',
    numHistoryShards,
    datastores: {
      default: datastore('default', databaseAddress),
      visibility: datastore('visibility', databaseAddress),
    },
  },
  global: {
    membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
    metrics: { prometheus: { listenAddress: `127.0.0.1:${ports.metrics}` } },
  },
  services: Object.fromEntries(
    SERVICES.map((service) => [
      service,
      { rpc: { grpcPort: ports.grpc[service], membershipPort: ports.membership[service], bindOnLocalHost: true } },
    ]),
  ),
  clusterMetadata: {
    enableGlobalNamespace: false,
    failoverVersionIncrement: 10,
    masterClusterName: 'active',
    currentClusterName: 'active',
    clusterInformation: {
      active: {
        enabled: true,
        initialFailoverVersion: 1,
        rpcName: 'frontend',
        rpcAddress: `127.0.0.1:${ports.grpc.frontend}`,
      },
    },
  },
  dcRedirectionPolicy: { policy: 'noop' },
  archival: {
    history: { state: 'disabled', enableRead: false },
    visibility: { state: 'disabled', enableRead: false },
  },
  namespaceDefaults: { archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } } },
  dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '10s' },
});

/** More than one machine can do: what is measured is the server, never one of its limits. */
const NO_LIMIT = 100_000;

export type DynamicValue = string | number | boolean;

/** What differs from the server's defaults. docs/servers.md says why. */
const DYNAMIC_CONFIG: Readonly<Record<string, DynamicValue>> = {
  // Tasks of several batches take turns.
  'matching.enableFairness': true,
  'frontend.rps': NO_LIMIT,
  'frontend.namespaceRPS': NO_LIMIT,
  'frontend.namespaceRPS.visibility': NO_LIMIT,
  'frontend.namespaceCount': NO_LIMIT,
  'frontend.persistenceMaxQPS': NO_LIMIT,
  'history.rps': NO_LIMIT,
  'history.persistenceMaxQPS': NO_LIMIT,
  'matching.rps': NO_LIMIT,
  'matching.persistenceMaxQPS': NO_LIMIT,
  'system.visibilityPersistenceMaxReadQPS': NO_LIMIT,
  'system.visibilityPersistenceMaxWriteQPS': NO_LIMIT,
  // Queries of one workflow that come while it is busy: the default of 1 refuses the second.
  'history.MaxBufferedQueryCount': 100,
  // Search attributes of a new namespace are known to all services within this time, rather than 2 s.
  'system.namespaceCacheRefreshInterval': '500ms',
};

/** The server's dynamic configuration, with changes to ours. */
export const dynamicConfiguration = (changes: Readonly<Record<string, DynamicValue>>) =>
  Object.fromEntries(
    Object.entries({ ...DYNAMIC_CONFIG, ...changes }).map(([key, value]) => [key, [{ value, constraints: {} }]]),
  );
