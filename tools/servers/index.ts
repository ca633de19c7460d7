export { type DevServer, type DevServerOptions, startDevServer, startTimeSkippingServer } from './dev-server.js';
export { findChromium, findTemporalCli, findToxiproxy } from './executables.js';
export { showProgress } from './finding.js';
export { freePort, steadyPorts } from './ports.js';
export { type ServerProcess, type ServerProcessOptions, startProcess } from './processes.js';
export { type Postgres, type PostgresOptions, startPostgres } from './production/postgres.js';
export { type ProductionServer, type ProductionServerOptions, startProductionServer } from './production/server.js';
export { findSchemathesis } from './schemathesis.js';
export { answersWell, type SearchAttribute, startServing } from './serving.js';
