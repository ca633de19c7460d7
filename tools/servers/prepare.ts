import { findChromium, findTemporalCli, findTimeSkippingServer, findToxiproxy } from './executables.js';
import { showProgress } from './finding.js';
import { findTemporalServer, findTemporalSqlTool } from './production/executables.js';
import { findPostgres } from './production/postgres-executables.js';
import { findSchemathesis } from './schemathesis.js';

// Runs before the tests, so that no test waits for a build or an installation.
const { progress, done } = showProgress();
try {
  if (!process.env['TEMPORAL_ADDRESS']) await findTemporalCli(progress);
  await findTimeSkippingServer(progress);
  await findPostgres(progress);
  await findTemporalServer(progress);
  await findTemporalSqlTool(progress);
  await findToxiproxy(progress);
  await findChromium(progress);
  await findSchemathesis(progress);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  done();
}
