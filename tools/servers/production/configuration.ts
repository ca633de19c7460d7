import { PLUGIN, STORES } from './schema.js';

const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

type Service = (typeof SERVICES)[number];

export interface ServerPorts {
  readonly grpc: Readonly<Record<Service, number>>;
  readonly membership: Readonly<Record<Service, number>>;
  readonly metrics: number;
}

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
 * Connections per service and store. The four services together must stay below PostgreSQL's `MAX_CONNECTIONS`. On a
 * machine with few cores, more connections only wait for each other inside PostgreSQL.
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

/** Creates the server's static configuration. JSON is valid YAML, so no YAML library is needed to write it. */
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
  // Requests that fail while PostgreSQL is down are logged as warnings or errors.
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

/** Above the capacity of one machine: measurements must show the server's speed, not a configured limit. */
const NO_LIMIT = 100_000;

export type DynamicValue = string | number | boolean;

/** Deviations from the server's defaults. docs/servers.md gives the reasons. */
const DYNAMIC_CONFIG: Readonly<Record<string, DynamicValue>> = {
  // Without fairness, a large batch delays the tasks of the others.
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
  // Queries that are buffered while a workflow is busy. The default of 1 rejects the second query.
  'history.MaxBufferedQueryCount': 100,
  // How soon all services know the search attributes of a new namespace. The default is 2 s.
  'system.namespaceCacheRefreshInterval': '500ms',
};

export const dynamicConfiguration = (changes: Readonly<Record<string, DynamicValue>>) =>
  Object.fromEntries(
    Object.entries({ ...DYNAMIC_CONFIG, ...changes }).map(([key, value]) => [key, [{ value, constraints: {} }]]),
  );
