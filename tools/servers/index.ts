export { type DevServer, startDevServer, startTimeSkippingServer } from './dev-server.js';
export {
  findChromium,
  findHelm,
  findKubernetes,
  findPythonGenerator,
  findSchemathesis,
  findTemporalCli,
  findToxiproxy,
} from './executables.js';
export { freePort, steadyPorts } from './ports.js';
export { flags, type ServerProcess, type ServerProcessOptions, startProcess } from './processes.js';
export { type Postgres, startPostgres } from './production/postgres.js';
export { type ProductionServer, startProductionServer } from './production/server.js';
export { showProgress } from './progress.js';
export { answersWell, poll, type SearchAttribute, startServing } from './serving.js';
