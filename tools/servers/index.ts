/** The Temporal servers of development and tests, and what the tests look at them and at the gateway with. */
export { findChromium } from './chromium.js';
export { type DevServer, type DevServerOptions, startDevServer } from './dev-server.js';
export { findTemporalCli, findToxiproxy } from './executables.js';
export { freePort, steadyPorts } from './ports.js';
export { type ServerProcess, type ServerProcessOptions, startProcess } from './processes.js';
export { type Postgres, type PostgresOptions, startPostgres } from './production/postgres.js';
export { type ProductionServer, type ProductionServerOptions, startProductionServer } from './production/server.js';
export { showProgress } from './progress.js';
export { findSchemathesis } from './schemathesis.js';
export { type SearchAttribute, startServing } from './serving.js';
export { startTimeSkippingServer } from './time-skipping-server.js';
