import * as executables from './executables.js';
import { findPostgres } from './production/postgres-executables.js';
import { showProgress } from './progress.js';

// Runs before the tests, so that no test waits for a build or an installation.
const { progress, done } = showProgress();
try {
  await executables.findTemporalCli(progress);
  await executables.findTimeSkippingServer(progress);
  await findPostgres(progress);
  await executables.findTemporalServer(progress);
  await executables.findTemporalSqlTool(progress);
  await executables.findToxiproxy(progress);
  await executables.findChromium(progress);
  await executables.findSchemathesis(progress);
  await executables.findPythonGenerator(progress);
  await executables.findHelm(progress);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  done();
}
