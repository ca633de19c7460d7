import { freePort } from '../ports.js';
import { datastores } from './stores.js';

const rpcPorts = async () => ({ grpcPort: await freePort(), membershipPort: await freePort() });

/** Reserves the ports of the four services and of the metrics. */
export const reservePorts = async () => ({
  services: {
    frontend: await rpcPorts(),
    history: await rpcPorts(),
    matching: await rpcPorts(),
    worker: await rpcPorts(),
  },
  metrics: await freePort(),
});

/**
 * Fixed by the first start on a database. The writes of one shard are sequential, so more shards allow more
 * concurrency. Each shard costs memory and database reads.
 */
const HISTORY_SHARDS = 8;

/** Creates the server's static configuration. JSON is valid YAML, so no YAML library is needed to write it. */
export const serverConfiguration = ({
  ports: { services, metrics },
  databaseAddress,
  dynamicConfigFile,
}: {
  readonly ports: Awaited<ReturnType<typeof reservePorts>>;
  readonly databaseAddress: string;
  readonly dynamicConfigFile: string;
}) => ({
  // Requests that fail while PostgreSQL is down are logged as warnings or errors.
  log: { stdout: true, level: 'warn' },
  persistence: {
    defaultStore: 'default',
    visibilityStore: 'visibility',
    numHistoryShards: HISTORY_SHARDS,
    datastores: datastores(databaseAddress),
  },
  global: {
    membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
    metrics: { prometheus: { listenAddress: `127.0.0.1:${metrics}` } },
  },
  services: Object.fromEntries(
    Object.entries(services).map(([name, rpc]) => [name, { rpc: { ...rpc, bindOnLocalHost: true } }]),
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
        rpcAddress: `127.0.0.1:${services.frontend.grpcPort}`,
      },
    },
  },
  dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '10s' },
});

/** Above the capacity of one machine: measurements must show the server's speed, not a configured limit. */
const NO_LIMIT = 100_000;

export type DynamicConfig = Readonly<Record<string, string | number | boolean>>;

/** Deviations from the server's defaults. docs/servers.md gives the reasons. */
const DYNAMIC_CONFIG: DynamicConfig = {
  // Without fairness, a busy tenant or a large batch delays the tasks of the others.
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

export const dynamicConfiguration = (changes: DynamicConfig) =>
  Object.fromEntries(
    Object.entries({ ...DYNAMIC_CONFIG, ...changes }).map(([key, value]) => [key, [{ value, constraints: {} }]]),
  );
